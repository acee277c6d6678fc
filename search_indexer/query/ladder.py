"""The rungs on which a text is matched, strictest first; pure, used by the climb and the query builder.

    exact       the whole text is a SKU, GTIN or model number (these come first; what matches all words follows)
    all_words   every word is somewhere in the product, whichever fields they are in
    most_words  the same, followed by what has every word but one (three quarters of them from five words on)
    fuzzy       the words as they are probably meant; words spelt nearly so; words that share most of their letters

Which rung answers depends on the text alone, never on filters: so the set that filters, facets and totals work on is
the same whatever the shopper chooses, and a facet's count is what choosing it finds. The weights and how they were
chosen: docs/decisions/0009-lexical-relevance.md.
"""

from math import log, log2
from typing import Any, Literal, NamedTuple

from search_indexer.identifiers import identifier_in_query

TEXT_FIELDS = (
    "title^4",
    "codes^4",
    "category_name^3",
    "brand.text^2",
    "category_path",
    "description",
    "attributes_text^0.3",
)

KIND_FACTOR = 1.5
"""For products of the kind that the last word names: a "notebook" is a notebook before it is a case for one."""

PHRASE_FACTOR = 1.5
"""For titles that hold the whole text as a phrase."""

MOST_POPULAR_FACTOR = 1.25
"""For products of popularity 100; it never outweighs a phrase or a kind, and for popularity 0 nothing changes."""

MOST_WORDS = "1<-1 4<75%"
MOST_OF_MODEL_NUMBERS = "2<75%"
"""Where a word looks like a model number two words stay two: half of "hp c4872b" is not what anybody wants."""

GRAMS_SHARED = "2<2 6<50%"
LONGEST_WIDENED = 6
"""Words; a longer text says so much that products without one of its words are not what is meant."""

LONGEST_JOINED = 5
FIRST_BOOST = 100.0
IDENTIFIER_BOOST = 1_000.0

RungName = Literal["browse", "all_words", "most_words", "fuzzy"]
Way = Literal["browse", "all_words", "most_words", "nearly_spelt", "shared_letters"]
Query = dict[str, Any]


class Near(NamedTuple):
    """The nearest products of a text: `order` finds them, nearest first; `joined` finds what the words match, too.

    `plain` is `order` without the rules.
    """

    order: Query
    joined: Query
    plain: Query


class Rung(NamedTuple):
    """One way to match the text; `query` is what the words match.

    On a `fuzzy` rung `way` tells what is matched: the corrected text's words, or less. `texts` are the wordings whose
    whole words are matched; none where words spelt otherwise are.
    """

    name: RungName
    query: Query
    way: Way
    texts: tuple[str, ...] = ()
    near: Near | None = None

    @property
    def whole(self) -> Query:
        """The whole set that filters, facets and totals work on."""
        return self.near.joined if self.near else self.query

    def by_words_alone(self) -> "Rung":
        """Give the same without the nearest products."""
        return self._replace(near=None)


def first_rung(text: str) -> Rung:
    """Give the strictest rung for a readable text; without text that is the one of browsing."""
    if not text:
        return Rung("browse", _by_popularity(), "browse")
    return Rung("all_words", _ranked(all_words_query(text), text), "all_words", (text, *joined_texts(text)))


def widened_rung(text: str) -> Rung:
    """Give what matches all words, and after it what matches most."""
    required = MOST_OF_MODEL_NUMBERS if has_model_number(text) else MOST_WORDS
    most = _across_fields(text, {"operator": "or", "minimum_should_match": required})
    first = {"constant_score": {"filter": all_words_query(text), "boost": FIRST_BOOST}}
    query = {"bool": {"should": [first, _ranked(most, text)], "minimum_should_match": 1}}
    return Rung("most_words", query, "most_words", (text, *joined_texts(text)))


def spelling_rungs(text: str) -> list[Rung]:
    """Give the rungs on which spelling counts less and less; a model number is right or wrong, not misspelt by half."""
    nearly = Rung("fuzzy", _nearly(text), "nearly_spelt")
    letters = Rung("fuzzy", _sharing_letters(text), "shared_letters")
    return [nearly] if has_model_number(text) else [nearly, letters]


def words_to_widen(text: str) -> list[str]:
    """Give the words whose rarity decides whether few answers are widened; none when they never are."""
    words = text.split()
    fit = 1 < len(words) <= LONGEST_WIDENED and not has_model_number(text)
    return words if fit else []


def rarity_words(text: str) -> list[str]:
    """Give the words whose rarity says that exactly what matches is meant; none for long texts, which say it all."""
    words = text.split()
    return words if len(words) <= LONGEST_WIDENED else []


def is_identifier_like(text: str) -> bool:
    """Whether the text has a model number or no letter at all, so that it means what it names and nothing near it."""
    return has_model_number(text) or not any(map(str.isalpha, text))


def has_model_number(text: str) -> bool:
    """Whether some word has digits among letters."""
    return any(any(map(str.isdigit, word)) and any(map(str.isalpha, word)) for word in text.split())


def all_words_query(text: str) -> Query:
    """Match the products that have every word somewhere, or the text as one of their identifiers."""
    ways = [
        *(_across_fields(each, {"operator": "and"}) for each in (text, *joined_texts(text))),
        {"match": {"models": {"query": text, "operator": "and"}}},
    ]
    exact = identifier_clause(text)
    if exact is not None:
        ways.append({"constant_score": {"filter": exact, "boost": IDENTIFIER_BOOST}})
    return {"dis_max": {"queries": ways}}


def word_query(word: str) -> Query:
    """Match the products that have the word anywhere."""
    return _across_fields(word, {"operator": "and"})


def identifier_clause(text: str) -> Query | None:
    """Match the products whose SKU, GTIN or model number is the whole text; None when it cannot be one."""
    identifier = identifier_in_query(text)
    return {"term": {"identifiers": identifier}} if identifier else None


def joined_texts(text: str) -> list[str]:
    """Write each two neighbours as one word, as in "head set"; nothing for long texts."""
    words = text.split()
    if len(words) > LONGEST_JOINED:
        return []
    places = range(len(words) - 1)
    return [" ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]]) for at in places]


def _across_fields(text: str, words: Query) -> Query:
    return {"multi_match": {"query": text, "type": "cross_fields", "fields": TEXT_FIELDS, **words}}


def factors(text: str) -> dict[str, Query]:
    """Give what scores are multiplied by beside popularity, by name: a filter and the weight for what it matches."""
    words = text.split()
    heads = " ".join([words[-1], *(["".join(words[-2:])] if len(words) > 1 else [])])
    return {
        "kind": {"filter": {"match": {"category_kinds": heads}}, "weight": KIND_FACTOR},
        "phrase": {"filter": {"match_phrase": {"title": text}}, "weight": PHRASE_FACTOR},
    }


def _ranked(query: Query, text: str) -> Query:
    """Multiply scores by what the text says beyond its words; factors hold at every scale of scores."""
    functions = [*factors(text).values(), popularity_factor()]
    return {
        "function_score": {"query": query, "functions": functions, "score_mode": "multiply", "boost_mode": "multiply"}
    }


def _by_popularity() -> Query:
    """Match everything, the popular first."""
    return {"function_score": {"query": {"match_all": {}}, "functions": [popularity_factor()]}}


def popularity_factor() -> Query:
    """Give ln(2 + popularity · c) / ln 2: 1 at 0, MOST_POPULAR_FACTOR at 100, nearly straight between.

    The server has no `1 + x`. What its single precision makes of 1 / ln 2 is off by 1.3e-8, less than half of a score's
    last bit, so a score times the factor of 0 is that very score.
    """
    slope = (2**MOST_POPULAR_FACTOR - 2) / 100
    value = {"field": "popularity", "modifier": "ln2p", "factor": slope, "missing": 0}
    return {"field_value_factor": value, "weight": 1 / log(2)}


def popularity_weight(popularity: int) -> float:
    """Give what `popularity_factor` multiplies the score of a product by, for explanations."""
    return log2(2 + popularity * (2**MOST_POPULAR_FACTOR - 2) / 100)


def _nearly(text: str) -> Query:
    """Match words one edit off from three letters on, two from six; the first letter must hold."""
    words = {"query": text, "fuzziness": "AUTO", "prefix_length": 1, "max_expansions": 50}
    return {"match": {"names": {**words, "minimum_should_match": MOST_OF_MODEL_NUMBERS}}}


def _sharing_letters(text: str) -> Query:
    """Match products that share half of the text's runs of three letters: the last rung, for words far off."""
    return {"match": {"names.grams": {"query": text, "minimum_should_match": GRAMS_SHARED}}}
