from typing import Any

from search_indexer.category_labels import packed_label
from search_indexer.query.answers import SuggestAnswer, SuggestedCategory
from search_indexer.query.requests import SuggestRequest
from search_indexer.query.suggestions import put_together, read_names, read_products, suggest_body
from search_indexer.query.vocabulary import NO_VOCABULARY, Names, Vocabulary, vocabulary_of

INK = SuggestedCategory(id=1, slug="ink", name="Ink & Toner", count=3)
CABLES = SuggestedCategory(id=2, slug="cables", name="Cables", count=9)
NAMES = Names(["HP", "Inktec"], [CABLES, INK])


def response(*titles: str, **fields: Any) -> dict[str, Any]:
    sources = [
        {"id": number, "title": title, "price_minor": 1, "currency": "USD", **fields}
        for number, title in enumerate(titles, start=1)
    ]
    return {"hits": {"hits": [{"_source": source} for source in sources]}}


def offered(
    typed: str, *titles: str, vocabulary: Vocabulary = NO_VOCABULARY, limit: int = 10, misspelt: bool = False
) -> SuggestAnswer:
    found = read_products(typed, response(*titles, brand="HP", category_slugs=["ink"]), misspelt=misspelt)
    return put_together(SuggestRequest(q=typed, limit=limit), found, vocabulary)


def test_brands_and_categories_come_before_titles_and_only_with_fitting_names() -> None:
    answer = offered("ink", "Ink 1", "INK 1", "Ink 2", vocabulary=vocabulary_of((), NAMES))
    assert answer.suggestions == ["Inktec", "Ink & Toner", "Ink 1", "Ink 2"]
    assert [product.id for product in answer.products] == [1, 3]
    assert answer.categories == [INK]


def test_learned_completions_come_first_and_leave_room_for_the_others() -> None:
    vocabulary = vocabulary_of([f"ink {word}" for word in "abcdef"], NAMES)
    answer = offered("ink", "Ink 1", vocabulary=vocabulary, limit=6)
    assert answer.suggestions == ["ink a", "ink b", "ink c", "Inktec", "Ink & Toner", "ink d"]
    assert offered("ink", "Ink 1", vocabulary=vocabulary, limit=1).suggestions == ["ink a"]


def test_after_other_words_a_brand_or_category_is_one_of_the_products_found() -> None:
    vocabulary = vocabulary_of((), NAMES)
    assert offered("black ink", "Black ink", vocabulary=vocabulary).categories == [INK]
    assert offered("black cab", "Black cable", vocabulary=vocabulary).categories == []
    assert offered("ink hp", "Ink for HP", vocabulary=vocabulary).suggestions == ["HP", "Ink for HP"]
    assert offered("ink inkt", "Inktec ink", vocabulary=vocabulary).suggestions == ["Inktec ink"]


def test_a_misspelt_text_is_looked_up_as_the_products_found_are_spelt() -> None:
    vocabulary = vocabulary_of(["ink cartridge xl"], NAMES)
    assert offered("imk cra", "Ink cartridge", vocabulary=vocabulary, misspelt=True).suggestions == [
        "ink cartridge xl",
        "Ink cartridge",
    ]


def test_every_list_keeps_to_the_limit_and_long_titles_end_at_a_word() -> None:
    long = "ink " + "cartridge " * 20
    answer = offered("i", "Ink 1", "Ink 2", long, vocabulary=vocabulary_of((), NAMES), limit=2)
    assert [len(each) for each in (answer.suggestions, answer.products, answer.categories)] == [2, 2, 1]
    [_, text] = offered("i", "x", long).suggestions
    assert text == "ink cartridge cartridge cartridge cartridge cartridge"


def test_a_renamed_category_is_named_once() -> None:
    labels = [packed_label(1, "", "ink", "Ink"), packed_label(1, "", "ink", "Ink (old)")]
    buckets = [{"key": label, "doc_count": 2} for label in labels]
    read = read_names(
        {"aggregations": {"brands": {"buckets": [{"key": "HP"}]}, "categories": {"buckets": buckets}}},
    )
    assert read == (["HP"], [SuggestedCategory(id=1, slug="ink", name="Ink", count=2)])


def test_only_a_misspelt_word_is_matched_nearly() -> None:
    exact, nearly = (suggest_body(SuggestRequest(q="ink"), "ink", misspelt=each) for each in (False, True))
    assert "fuzziness" not in str(exact)
    assert "fuzziness" in str(nearly)


def test_a_store_puts_what_it_has_first_without_hiding_the_rest() -> None:
    query = suggest_body(SuggestRequest(q="ink", store_id=3), "ink", misspelt=False)["query"]["bool"]
    assert [each["constant_score"]["filter"] for each in query["should"]] == [{"term": {"in_stock_store_ids": "3"}}]
    assert "in_stock_store_ids" not in str(query["filter"])
