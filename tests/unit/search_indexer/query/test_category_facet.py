from search_indexer.category_labels import packed_label
from search_indexer.query.category_facet import category_values

COUNTED = {
    "values": {"buckets": [{"key": "cables", "doc_count": 5}, {"key": "hdmi", "doc_count": 3}]},
    "labels": {
        "buckets": [
            {"key": packed_label(1, "", "cables", "Cables"), "doc_count": 5},
            {"key": packed_label(2, "cables", "hdmi", "HDMI new"), "doc_count": 2},
            {"key": packed_label(2, "cables", "hdmi", "HDMI old"), "doc_count": 1},
        ]
    },
}


def test_counts_are_the_slugs_and_the_name_is_the_commoner_one_while_it_changes() -> None:
    values = category_values(COUNTED, {})
    assert [(value.value, value.label, value.parent, value.count) for value in values] == [
        ("cables", "Cables", None, 5),
        ("hdmi", "HDMI new", "cables", 3),
    ]


def test_a_category_chosen_by_id_appears_under_its_slug_and_an_unknown_one_as_it_was_asked() -> None:
    values = category_values(COUNTED, {"2": 3, "99": 0})
    assert [(value.value, value.count) for value in values if value.selected] == [("hdmi", 3), ("99", 0)]
