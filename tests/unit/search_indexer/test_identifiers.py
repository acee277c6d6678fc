import pytest

from search_indexer.identifiers import identifier_in_query, normalized_identifier


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SA1-VBE04RW/17", "sa1vbe04rw17"),
        ("00882780756328", "882780756328"),
        ("\uff10\uff11\uff12", "12"),
        (" - _ ", ""),
        ("000", ""),
        ("x" * 129, ""),
    ],
)
def test_spellings_of_one_identifier_are_one(text: str, expected: str) -> None:
    assert normalized_identifier(text) == expected


def test_words_without_a_digit_are_no_identifier() -> None:
    assert identifier_in_query("flat screen desk mount") == ""
    assert identifier_in_query("WetEx") == "wetex"
    assert identifier_in_query("tv 55") == "tv55"
