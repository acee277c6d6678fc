from search_indexer.query.answer_reading import corrected_text, read_hit


def word(offset: int, length: int, *options: str) -> dict[str, object]:
    return {"offset": offset, "length": length, "options": [{"text": option} for option in options]}


def test_misspelt_words_are_replaced_where_they_stand() -> None:
    response = {"suggest": {"words": [word(0, 4), word(5, 5, "cable", "label")]}}
    assert corrected_text("hdmi cabel!", response) == "hdmi cable!"


def test_places_count_utf16_units() -> None:
    assert corrected_text("💥 cabel 💥", {"suggest": {"words": [word(3, 5, "cable")]}}) == "💥 cable 💥"


def test_words_at_one_place_are_replaced_once() -> None:
    assert corrected_text("abc", {"suggest": {"words": [word(0, 3, "abd"), word(0, 3, "abe")]}}) == "abd"


def test_without_a_better_spelling_there_is_none() -> None:
    assert corrected_text("zzz", {"suggest": {"words": [word(0, 3)]}}) is None
    assert corrected_text("zzz", {}) is None


def test_what_a_document_leaves_out_is_empty() -> None:
    source = {"id": 1, "sku": "A", "version": 2, "title": "T", "price_minor": 3, "currency": "USD"}
    hit = read_hit({"_source": source})
    assert (hit.description, hit.brand, hit.category_path, hit.in_stock_store_ids, hit.highlight) == (
        "",
        None,
        [],
        [],
        {},
    )
