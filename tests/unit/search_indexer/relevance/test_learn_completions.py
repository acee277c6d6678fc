from search_indexer.relevance.learn_completions import MOST_LEARNED, offered
from search_indexer.storage.completions import FrequentQuery


def test_only_what_was_spelt_as_meant_and_found_something_is_offered() -> None:
    frequent = [
        FrequentQuery("usb hub", "all_words", 12),
        FrequentQuery("gaming laptop", "most_words", 9),
        FrequentQuery("hdmi cabel", "fuzzy", 40),
        FrequentQuery("unicorn", "none", 0),
        FrequentQuery("emptied", "all_words", 0),
        FrequentQuery("sku-1", "exact", 1),
        FrequentQuery("jane@example.com", "all_words", 3),
    ]
    assert offered(frequent) == ["usb hub", "gaming laptop"]


def test_completions_are_bounded_and_the_best_stay() -> None:
    many = [FrequentQuery(f"lamp {'abcdefghij'[at % 10]}{at % 1000}", "all_words", 1) for at in range(3 * MOST_LEARNED)]
    assert offered(many) == [each.query for each in many[:MOST_LEARNED]]
