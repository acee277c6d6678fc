"""What an invoice says, and that the file shows it whatever the script; read back from the drawn file."""

import uuid
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from order_service.orders.invoices.draw_invoice import draw_invoice
from order_service.orders.invoices.fonts import CHINESE, REGULAR, markup
from order_service.orders.invoices.invoice import Invoice, address_lines, invoice_of
from order_service.orders.order import Order, OrderLine
from order_service.pricing.totals import ShippingTax, Totals
from schemas.ids import OrderId, ProductId
from schemas.shop_settings import SellerSettings

SELLER = SellerSettings(name="Good Things", address="1 High Street|London", tax_id="GB 1", email="shop@example.com")


def an_invoice(titles: list[str] | None = None, **fields: Any) -> Invoice:
    """Make an invoice of one piece of each title."""
    lines = [
        OrderLine(ProductId(number), f"SKU-{number}", title, 2, 1050, 2100)
        for number, title in enumerate(titles or ["Lamp"], 1)
    ]
    day = datetime(2026, 3, 1, tzinfo=UTC)
    total = 2100 * len(lines)
    order = Order(OrderId(uuid.UUID(int=7)), "A100001", "CONFIRMED", "EUR", total, day, lines, **fields)
    return invoice_of(order, SELLER, "17", date(2026, 3, 2))


def shown(invoice: Invoice) -> str:
    """Read the text of the drawn file back."""
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(draw_invoice(invoice))).pages)


def test_it_names_both_parties_the_numbers_the_days_and_the_amounts() -> None:
    address = {"name": "Ada", "line1": "2 Low Street", "postal_code": "75001", "city": "Paris", "country": "FR"}
    text = shown(an_invoice(shipping_address=address, email="ada@example.com"))
    for wanted in ("Good Things", "1 High Street", "Tax ID GB 1", "Ada", "2 Low Street", "75001 Paris", "FR"):
        assert wanted in text
    for wanted in ("Invoice number 17", "2026-03-02", "A100001", "2026-03-01", "Lamp", "SKU-1", "10.50", "21.00"):
        assert wanted in text


def test_the_billing_address_stands_before_the_one_goods_go_to() -> None:
    text = shown(an_invoice(shipping_address={"name": "Barn"}, billing_address={"name": "Office"}))
    assert "Office" in text
    assert "Barn" not in text


@pytest.mark.parametrize(
    "name", ["Łukasz Żółć", "Αλέξανδρος", "Дмитрий Щербаков", "山田太郎", "김민준", "王小明", "Nguyễn Thị Hồng"]
)
def test_names_of_other_scripts_are_drawn_with_a_font_that_is_in_the_file(name: str) -> None:
    drawn = draw_invoice(an_invoice(shipping_address={"name": name}))
    page = PdfReader(BytesIO(drawn)).pages[0]
    assert name in page.extract_text()
    resources: Any = page["/Resources"]
    fonts = [font.get_object() for font in resources["/Font"].values()]
    used = {font["/BaseFont"] for font in fonts if "/FontDescriptor" not in font}
    assert used <= {"/Helvetica"}, "reportlab declares it and draws nothing with it"
    embedded = [font["/FontDescriptor"] for font in fonts if "/FontDescriptor" in font]
    assert embedded
    assert all("/FontFile2" in each for each in embedded)


@pytest.mark.parametrize(("text", "drawn"), [("שלום", "םולש"), ("سلام", "\ufee1\ufefc\ufeb3")])
def test_right_to_left_text_is_put_into_drawing_order_with_joined_letters(text: str, drawn: str) -> None:
    assert markup(text) == f'<font name="{REGULAR}">{drawn}</font>'


def test_a_character_that_the_font_lacks_is_drawn_by_the_one_that_has_it() -> None:
    assert markup("A山") == f'<font name="{REGULAR}">A</font><font name="{CHINESE}">山</font>'


def test_the_total_is_taken_apart_with_discount_shipping_and_tax_by_rate() -> None:
    line = OrderLine(
        ProductId(1),
        "S",
        "Lamp",
        1,
        10_000,
        10_000,
        discount_minor=1_000,
        tax_name="VAT",
        tax_ppm=210_000,
        tax_minor=1_890,
    )
    totals = Totals(10_000, 1_000, 500, 1_995, shipping_tax=ShippingTax("VAT", 210_000, 105))
    day = datetime(2026, 3, 1, tzinfo=UTC)
    parts: Any = {"totals": totals, "shipping_method": "Post", "discount_code": "TEN"}
    order = Order(OrderId(uuid.UUID(int=7)), "A1", "CONFIRMED", "EUR", 11_495, day, [line], **parts)
    net = invoice_of(order, SELLER, "17", date(2026, 3, 2)).sums
    assert [(each.label, each.amount) for each in net] == [
        ("Items", "100.00"),
        ("Discount (TEN)", "-10.00"),
        ("Shipping (Post)", "5.00"),
        ("VAT 21 %", "19.95"),
        ("Total", "114.95"),
    ]
    gross_order = msgspec.structs.replace(order, totals=msgspec.structs.replace(totals, prices_include_tax=True))
    gross = invoice_of(gross_order, SELLER, "17", date(2026, 3, 2)).sums
    assert [each.label for each in gross][-2:] == ["Total", "of which VAT 21 %"]


def test_markup_in_a_customers_text_is_only_text() -> None:
    text = shown(an_invoice(['<font size="90">5</font> & <img src="file:///etc/passwd"/>']))
    assert '<font size="90">5</font>' in text.replace("\n", " ")


def test_a_hundred_lines_go_over_several_pages_with_the_head_on_each() -> None:
    pages = PdfReader(BytesIO(draw_invoice(an_invoice([f"Thing {n}" for n in range(100)])))).pages
    assert len(pages) > 1
    assert all("Qty" in page.extract_text() for page in pages)


def test_the_same_invoice_gives_the_same_bytes() -> None:
    assert draw_invoice(an_invoice()) == draw_invoice(an_invoice())


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_drawn(text: str) -> None:
    assert draw_invoice(an_invoice([text])).startswith(b"%PDF")


def test_an_address_has_no_empty_lines() -> None:
    assert address_lines({"name": "Ada", "city": "Paris"}) == ["Ada", "Paris"]
