"""`/orders/{id}/invoice.pdf`: an order's invoice, for its owner, staff, and who holds a guest's token."""

import asyncio
from typing import ClassVar

from api.access import Access, Rule
from api.handler import ApiHandler
from api.handlers.orders import shown_order
from api.routing import Route
from order_service.orders.invoices.draw_invoice import draw_invoice
from order_service.orders.invoices.invoice import invoice_of
from order_service.orders.invoices.issue_invoice import issue_invoice


class Invoice(ApiHandler):
    """One order's invoice."""

    rules: ClassVar = {"GET": Rule(Access.ANYONE)}

    async def get(self, order_id: str) -> None:
        """Give it a number the first time, and draw it: 409 for an order that sold nothing."""
        self.parameters().finish()
        order = await shown_order(self, order_id)
        issued = await issue_invoice(self.dependencies.database, order)
        invoice = invoice_of(order, self.dependencies.settings.seller, str(issued.number), issued.issued_on)
        drawn = await asyncio.to_thread(draw_invoice, invoice)
        self.set_header("Content-Type", "application/pdf")
        self.set_header("Content-Disposition", f'inline; filename="invoice-{issued.number}.pdf"')
        self.set_header("Cache-Control", "private, no-store")
        self.finish(drawn)


ROUTES = [Route("/api/v1/orders/{order_id}/invoice.pdf", Invoice)]
