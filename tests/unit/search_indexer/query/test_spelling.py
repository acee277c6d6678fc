from typing import Any

from search_indexer.query.spelling import corrected_text, likeliest


def option(text: str, score: float = 0.8, freq: int = 1) -> dict[str, Any]:
    return {"text": text, "score": score, "freq": freq}


def word(typed: str, offset: int, *options: dict[str, Any], length: int | None = None) -> dict[str, Any]:
    return {"text": typed, "offset": offset, "length": length or len(typed), "options": list(options)}


def suggested(*words: dict[str, Any]) -> dict[str, Any]:
    return {"suggest": {"words": list(words)}}


def test_misspelt_words_are_replaced_where_they_stand() -> None:
    response = suggested(word("hdmi", 0), word("cabel", 5, option("cable"), option("label")))
    assert corrected_text("hdmi cabel!", response) == "hdmi cable!"


def test_places_count_utf16_units() -> None:
    assert corrected_text("💥 cabel 💥", suggested(word("cabel", 3, option("cable")))) == "💥 cable 💥"


def test_words_at_one_place_are_replaced_once() -> None:
    response = suggested(word("abc", 0, option("abd")), word("abc", 0, option("abe")))
    assert corrected_text("abc", response) == "abd"


def test_without_a_better_spelling_there_is_none() -> None:
    assert corrected_text("zzz", suggested(word("zzz", 0))) is None
    assert corrected_text("zzz", {}) is None


def test_of_spellings_equally_near_the_one_of_more_products_is_meant() -> None:
    assert likeliest("originall", [option("originale", 0.89, 1), option("original", 0.88, 2380)]) == "original"


def test_a_nearer_spelling_wins_over_a_more_frequent_one() -> None:
    assert likeliest("cabel", [option("cable", 0.8, 10), option("label", 0.6, 5_000)]) == "cable"


def test_swapped_neighbours_are_likelier_than_another_letter() -> None:
    assert likeliest("intergal", [option("internal", 0.88, 243), option("integral", 0.88, 21)]) == "integral"
