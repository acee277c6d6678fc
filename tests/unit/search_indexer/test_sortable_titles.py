from search_indexer.sortable_titles import LONGEST, sortable_title


def test_case_and_accents_do_not_matter_for_the_order() -> None:
    assert sorted(["Zebra", "Ångström", "apple"], key=sortable_title) == ["Ångström", "apple", "Zebra"]
    assert len(sortable_title("é" * 9_999)) == LONGEST
