import msgspec

from schemas.events.product_snapshot import CategoryPath
from search_indexer.index.product_document import bulk_lines, product_document
from tests.factories.product_snapshots import product_snapshot


def test_a_document_is_found_by_every_code_of_its_product() -> None:
    document = product_document(product_snapshot(1, sku="A-1", gtin="0012", mpn=None))
    assert document.identifiers == ["12", "a1"]
    assert document.codes == ["A-1", "0012"]


def test_a_deleted_product_keeps_only_what_outlives_it() -> None:
    lines = bulk_lines(product_document(product_snapshot(7, version=3, deleted=True)))
    action, document = map(msgspec.json.decode, lines.split(b"\n"))
    assert action == {"index": {"_id": "7", "version": 3, "version_type": "external_gte"}}
    assert document == {"id": 7, "version": 3, "deleted": True}


def test_labels_name_each_category_with_the_one_above() -> None:
    document = product_document(product_snapshot(1))
    assert document.category_labels == [
        "1\x1f\x1fcables-adapters\x1fCables & Adapters",
        "2\x1fcables-adapters\x1fhdmi-cable\x1fHDMI cable",
    ]
    assert document.category_name == "HDMI cable"


def test_variants_of_a_group_share_a_key_and_others_have_one_of_their_own() -> None:
    keys = [product_document(product_snapshot(each, group_id=group)).group_key for each, group in ((1, "7"), (7, None))]
    assert keys == ["g:7", "p:7"]
    assert product_document(product_snapshot(1, deleted=True)).group_key is None


def test_a_document_names_the_attributes_that_its_product_has() -> None:
    document = product_document(product_snapshot(1, attributes={"colour": "Red", " ports ": ["USB"], "none": None}))
    assert document.attribute_keys == ["colour", "ports"]


def test_only_what_was_bought_or_clicked_has_a_popularity_in_the_index() -> None:
    plain, popular = (bulk_lines(product_document(product_snapshot(1, popularity=each))) for each in (0, 30))
    assert b"popularity" not in plain
    assert msgspec.json.decode(popular.split(b"\n")[1])["popularity"] == 30


def test_a_product_without_category_has_a_document() -> None:
    document = product_document(product_snapshot(1, category=CategoryPath(ids=[], names=[], slugs=[])))
    assert document.category_name is None
    assert document.category_labels == []
