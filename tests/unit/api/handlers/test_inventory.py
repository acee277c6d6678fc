"""What the inventory handlers do before and after the use case."""

import pytest

from api.handlers.inventory import level_change, page_links
from order_service.errors import InvalidInput
from order_service.stock.levels import LevelChange
from schemas.http_api.stores import LevelChangeBody


def test_a_level_is_set_or_adjusted() -> None:
    assert level_change(LevelChangeBody(on_hand=3)) == LevelChange(on_hand=3)
    assert level_change(LevelChangeBody(adjust_by=-2, reason="broken")) == LevelChange(adjust_by=-2, reason="broken")


@pytest.mark.parametrize("body", [LevelChangeBody(), LevelChangeBody(on_hand=1, adjust_by=1)])
def test_neither_and_both_are_refused(body: LevelChangeBody) -> None:
    with pytest.raises(InvalidInput):
        level_change(body)


def test_a_middle_page_links_to_all_four() -> None:
    links = page_links("/s/1/inventory", {"q": "a b"}, 2, 10, 25)
    assert links.split(", ")[1:3] == [
        '</s/1/inventory?q=a+b&page=1&page_size=10>; rel="prev"',
        '</s/1/inventory?q=a+b&page=3&page_size=10>; rel="next"',
    ]
    assert links.count("rel=") == 4


def test_an_only_page_is_first_and_last() -> None:
    assert [part.split("rel=")[1] for part in page_links("/x", {}, 1, 10, 0).split(", ")] == ['"first"', '"last"']
