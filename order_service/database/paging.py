"""The bounds of a page as statements take them; for every list that is read by page."""


def page_bounds(page: int, page_size: int) -> dict[str, int]:
    """Give `limit` and `offset` of a page that counts from 1."""
    return {"limit": page_size, "offset": (page - 1) * page_size}
