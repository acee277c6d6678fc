from pathlib import Path

import pytest

from search_indexer.relevance.judgments import (
    KnownItem,
    Typo,
    UnreadableJudgments,
    read_judgments,
    read_known_items,
    read_typos,
)


def held(folder: Path, text: str) -> Path:
    file = folder / "rows.csv"
    file.write_bytes(text.encode())
    return file


def test_grades_are_gathered_by_query(tmp_path: Path) -> None:
    file = held(tmp_path, 'query,product_id,grade\nusb hub,1,3\n"mouse, grey",2,0\nusb hub,4,1\n')
    assert read_judgments(file) == {"usb hub": {"1": 3, "4": 1}, "mouse, grey": {"2": 0}}


def test_further_columns_are_ignored(tmp_path: Path) -> None:
    assert read_known_items(held(tmp_path, "query,product_id,kind\nA 1,7,gtin\n")) == [KnownItem("A 1", "7")]
    assert read_typos(held(tmp_path, "typo,intended,n\ncabel,cable,9\n")) == [Typo("cabel", "cable")]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("query,product_id,grade\na,1,4\n", "2: a grade is"),
        ("query,product_id,grade\na,1,3\na,2,\n", "3: a grade is"),
        ("query,grade\na,1\n", "2: there is no column 'product_id'"),
        ("query,product_id,grade\n", "it holds no rows"),
        ("", "it holds no rows"),
    ],
)
def test_what_cannot_be_used_is_named_by_its_line(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(UnreadableJudgments, match=place):
        read_judgments(held(tmp_path, text))


def test_a_missing_file_and_one_that_is_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableJudgments, match="No such file"):
        read_judgments(tmp_path / "none.csv")
    (tmp_path / "bytes.csv").write_bytes(b"query,product_id,grade\n\xff\xfe,1,3\n")
    with pytest.raises(UnreadableJudgments):
        read_judgments(tmp_path / "bytes.csv")
