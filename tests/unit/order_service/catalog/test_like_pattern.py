"""What a person types is looked for as it stands."""

from order_service.catalog.like_pattern import like_pattern


def test_wildcards_mean_themselves() -> None:
    assert like_pattern("100%_a\\b\x00") == r"%100\%\_a\\b%"
