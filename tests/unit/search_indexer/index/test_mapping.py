import msgspec

from schemas.search_document import SearchDocument
from schemas.search_settings import SearchSettings
from search_indexer.embedding_model.prepared_model import DIMENSIONS, MODEL_NAME
from search_indexer.index.mapping import PROPERTIES, index_mapping, index_settings, serving_settings

SETTINGS = SearchSettings(url="http://localhost", shards=2, replicas=1, refresh_interval_ms=300)
FED_BY_COPY_TO = {"names", "prefixes", "models"}


def test_the_mapping_has_exactly_the_documents_fields() -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(SearchDocument)}
    assert set(PROPERTIES) == fields | FED_BY_COPY_TO | {"vector"}


def test_the_vector_is_searched_and_never_shown() -> None:
    assert index_mapping(seeded=True)["_source"] == {"excludes": ["vector"]}
    assert PROPERTIES["vector"]["dims"] == DIMENSIONS


def test_an_index_tells_which_models_vectors_it_holds() -> None:
    assert index_mapping(seeded=False)["_meta"]["vectors"] == MODEL_NAME


def test_unknown_fields_are_refused() -> None:
    assert index_mapping(seeded=True)["dynamic"] == "strict"


def test_a_loading_index_neither_refreshes_nor_replicates_until_it_serves() -> None:
    loading = index_settings(SETTINGS, loading=True)
    assert (loading["refresh_interval"], loading["number_of_replicas"], loading["number_of_shards"]) == ("-1", 0, 2)
    serving = index_settings(SETTINGS, loading=False)
    assert {name: serving[name] for name in serving_settings(SETTINGS)} == serving_settings(SETTINGS)
    assert serving_settings(SETTINGS) == {"number_of_replicas": 1, "refresh_interval": "300ms"}
