"""Draws an invoice as PDF with reportlab; takes some 50 ms of processor time, so the API does it in a thread."""

from io import BytesIO

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from order_service.orders.invoices.fonts import BOLD, REGULAR, drawable, markup
from order_service.orders.invoices.invoice import Invoice

MARGIN = 20 * mm
WIDTHS = (80 * mm, 30 * mm, 15 * mm, 22 * mm, 23 * mm)
GREY = HexColor("#666666")

TEXT = ParagraphStyle("text", fontName=REGULAR, fontSize=9, leading=12.5)
STRONG = ParagraphStyle("strong", parent=TEXT, fontName=BOLD)
QUIET = ParagraphStyle("quiet", parent=TEXT, textColor=GREY, fontSize=8)
NUMBER = ParagraphStyle("number", parent=TEXT, alignment=TA_RIGHT)
STRONG_NUMBER = ParagraphStyle("strong number", parent=STRONG, alignment=TA_RIGHT)
TITLE = ParagraphStyle("title", parent=STRONG, fontSize=18, leading=24)


def draw_invoice(invoice: Invoice) -> bytes:
    """Give the file; the same invoice always gives the same bytes, and any text of a customer is only text."""
    for name in (REGULAR, BOLD):
        drawable(name)
    written = BytesIO()
    document = SimpleDocTemplate(
        written,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=f"Invoice {invoice.number}",
        author=invoice.seller[0] if invoice.seller else "",
        invariant=1,
    )
    document.build([*_head(invoice), *_lines(invoice), *_sums(invoice)])
    return written.getvalue()


def _head(invoice: Invoice) -> list[Flowable]:
    about = (
        f"Invoice number {invoice.number}\nDate {invoice.issued_on.isoformat()}\n"
        f"Order {invoice.order_number} of {invoice.ordered_on.isoformat()}"
    )
    parties = Table(
        [
            [_paragraph("From", QUIET), _paragraph("To", QUIET)],
            [_paragraph("\n".join(invoice.seller), TEXT), _paragraph("\n".join(invoice.buyer), TEXT)],
        ],
        colWidths=(sum(WIDTHS) / 2,) * 2,
        style=[("VALIGN", (0, 0), (-1, -1), "TOP")],
    )
    return [_paragraph("Invoice", TITLE), _paragraph(about, TEXT), Spacer(0, 8 * mm), parties, Spacer(0, 8 * mm)]


def _lines(invoice: Invoice) -> list[Flowable]:
    head = [
        _paragraph("Product", STRONG),
        _paragraph("SKU", STRONG),
        *(_paragraph(each, STRONG_NUMBER) for each in ("Qty", "Price", f"Total {invoice.currency}")),
    ]
    rows = [
        [
            _paragraph(line.title, TEXT),
            _paragraph(line.sku, TEXT),
            _paragraph(str(line.quantity), NUMBER),
            _paragraph(line.unit_price, NUMBER),
            _paragraph(line.total, NUMBER),
        ]
        for line in invoice.lines
    ]
    style = [("LINEBELOW", (0, 0), (-1, 0), 0.7, GREY), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    return [Table([head, *rows], colWidths=WIDTHS, repeatRows=1, style=style)]


def _sums(invoice: Invoice) -> list[Flowable]:
    rows = [
        [
            "",
            _paragraph(each.label, STRONG_NUMBER if each.is_total else NUMBER),
            _paragraph(each.amount, STRONG_NUMBER if each.is_total else NUMBER),
        ]
        for each in invoice.sums
    ]
    widths = (sum(WIDTHS[:2]), sum(WIDTHS[2:4]), WIDTHS[4])
    line = ("LINEABOVE", (1, 0), (-1, 0), 0.7, GREY)
    return [Spacer(0, 3 * mm), Table(rows, colWidths=widths, style=[line])]


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(markup(text, style.fontName), style)
