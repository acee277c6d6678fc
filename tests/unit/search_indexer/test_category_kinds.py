import pytest

from search_indexer.category_kinds import category_kinds


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("notebook", ["notebook"]),
        ("notebook case", ["case"]),
        ("headphones/headset", ["headphones", "headset"]),
        ("printer cabinet/stand", ["cabinet", "stand"]),
        ("camera/camcorder battery", ["battery"]),
        ("cable interface/gender adapter", ["adapter"]),
        ("Cables & Adapters", ["Cables", "Adapters"]),
        ("uninterruptible power supply (UPS)", ["supply", "UPS"]),
        ("cable, other", ["cable"]),
        ("Other", []),
        ("", []),
        (" / ", []),
    ],
)
def test_the_last_word_of_each_alternative_says_what_the_thing_is(name: str, kinds: list[str]) -> None:
    assert category_kinds(name) == kinds
