from search_indexer.category_labels import CategoryLabel, packed_label, unpacked_label


def test_a_label_is_read_back_as_it_was_packed() -> None:
    packed = packed_label(7, "cables", "hdmi", "HDMI & more")
    assert unpacked_label(packed) == CategoryLabel(id=7, parent="cables", slug="hdmi", name="HDMI & more")


def test_a_name_with_the_separator_stays_a_name() -> None:
    assert unpacked_label(packed_label(1, "", "a", "x\x1fy")).name == "x\x1fy"
