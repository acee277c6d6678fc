"""Settings of the shop: trade, seller, carts, payments; loaded and documented as those of `settings` are."""

from dataclasses import dataclass

from schemas.environment import boolean, choice, integer, text, url, variable
from schemas.money import CURRENCY_EXPONENTS, parse_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSettings:
    """The rules of trade of one installation."""

    environment: str = variable(
        "AISLE_ENV",
        choice("development", "production"),
        expects="development or production",
        about="Chooses the default rate limits and how logs look.",
        default="production",
    )
    currency: str = variable(
        "SHOP_CURRENCY",
        choice(*CURRENCY_EXPONENTS),
        expects="an ISO 4217 code",
        about="The one currency of every price; zero-decimal currencies work.",
        default="USD",
    )
    guest_orders: bool = variable(
        "GUEST_ORDERS",
        boolean,
        expects="true or false",
        about="Whether an order may be placed without an account.",
        default=True,
    )
    payment_required: bool = variable(
        "PAYMENT_REQUIRED",
        boolean,
        expects="true or false",
        about="Whether an order must be PAID before it may be SHIPPED.",
        default=False,
    )
    prices_include_tax: bool = variable(
        "PRICES_INCLUDE_TAX",
        boolean,
        expects="true or false",
        about="Whether prices, shipping prices and fixed discounts are gross; otherwise tax is added to them.",
        default=False,
    )
    payment_ttl_minutes: int = variable(
        "PAYMENT_TTL_MINUTES",
        integer(1, 43_200),
        expects="minutes from 1 to 43200",
        about="With PAYMENT_REQUIRED: how long an order waits for its payment before it is cancelled.",
        default=60,
    )
    min_order_amount: str = variable(
        "MIN_ORDER_AMOUNT",
        parse_amount,
        expects="a decimal amount in the shop's currency",
        about="Orders whose items come to less after their discount, without shipping and added tax, are refused.",
        default="0",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerSettings:
    """Who sells, as invoices say it."""

    name: str = variable(
        "SELLER_NAME",
        text,
        expects="any text",
        about="The seller's name on invoices.",
        default="Aisle shop",
    )
    address: str = variable(
        "SELLER_ADDRESS",
        text,
        expects="lines with a vertical bar between them",
        about="The seller's address on invoices.",
        default="",
    )
    tax_id: str = variable(
        "SELLER_TAX_ID",
        text,
        expects="any text",
        about="The seller's tax number on invoices.",
        default="",
    )
    email: str = variable(
        "SELLER_EMAIL",
        text,
        expects="any text",
        about="Where questions about an invoice go.",
        default="",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CartSettings:
    """How long and how much carts hold."""

    reservation_minutes: int = variable(
        "CART_RESERVATION_TTL_MINUTES",
        integer(1, 1440),
        expects="minutes from 1 to 1440",
        about="How long a cart holds stock after its last change.",
        default=30,
    )
    abandon_minutes: int = variable(
        "CART_ABANDON_TTL_MINUTES",
        integer(1, 525_600),
        expects="minutes from 1 to 525600",
        about="After so long without a change a cart is closed.",
        default=120,
    )
    max_pieces: int = variable(
        "CART_MAX_PIECES",
        integer(1, 1_000_000),
        expects="a whole number from 1 to 1000000",
        about="Pieces that one cart may hold.",
        default=500,
    )
    max_pieces_of_client: int = variable(
        "CART_MAX_PIECES_PER_CLIENT",
        integer(1, 1_000_000),
        expects="a whole number from 1 to 1000000",
        about="Pieces that the carts of all guests of one address may hold together.",
        default=2_000,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeSettings:
    """The account at Stripe; without a key the provider is off."""

    secret_key: str = variable(
        "STRIPE_SECRET_KEY",
        text,
        expects="sk_… or rk_…",
        about="Turns payments by Stripe on; the key of the shop's account there.",
        default="",
        secret=True,
    )
    webhook_secret: str = variable(
        "STRIPE_WEBHOOK_SECRET",
        text,
        expects="whsec_…",
        about="Verifies that webhooks come from Stripe; without it all are refused.",
        default="",
        secret=True,
    )
    api_base: str = variable(
        "STRIPE_API_BASE",
        url("http", "https"),
        expects="https://host",
        about="Where Stripe's API is; tests name the official mock server.",
        default="https://api.stripe.com",
    )
