"""Renders products; called by the product handlers."""

from order_service.catalog.products import Product
from schemas.http_api.products import ProductBody
from schemas.money import to_amount


def product_body(product: Product, currency: str) -> ProductBody:
    """Render one product with its price as a decimal string."""
    return ProductBody(
        id=product.id,
        sku=product.sku,
        group_id=product.group_id,
        title=product.title,
        description=product.description,
        brand=product.brand,
        category_id=product.category_id,
        category_name=product.category_name,
        category_slug=product.category_slug,
        category_path=product.category_path,
        price=to_amount(product.price_minor, currency),
        currency=currency,
        quantity=product.quantity,
        in_stock=product.quantity > 0,
        gtin=product.gtin,
        mpn=product.mpn,
        image_link=product.image_link,
        attributes=product.attributes,
        version=product.version,
        created_at=product.created_at,
        updated_at=product.updated_at,
    )
