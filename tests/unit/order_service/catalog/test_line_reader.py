"""Lines come numbered and bounded from plain and packed files, and a file that breaks off says so."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_service.catalog.line_reader import Line, LineReader, UnreadableFile


def read(path: Path, **bounds: int) -> list[Line]:
    with LineReader(path, **bounds) as lines:
        return list(lines)


def written(folder: Path, content: bytes, name: str = "feed.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_lines_are_numbered_and_lose_their_ends(tmp_path: Path) -> None:
    path = written(tmp_path, b"\xef\xbb\xbfone\r\n\ntwo")
    assert read(path) == [Line(1, b"one"), Line(2, b""), Line(3, b"two")]


def test_gzip_is_known_by_its_bytes_not_its_name(tmp_path: Path) -> None:
    assert read(written(tmp_path, gzip.compress(b"one\ntwo\n"))) == [Line(1, b"one"), Line(2, b"two")]
    assert read(written(tmp_path, b"one\n", "feed.gz")) == [Line(1, b"one")]


def test_a_line_over_the_bound_is_passed_over_without_its_content(tmp_path: Path) -> None:
    content = b"a" * 10 + b"\n" + b"b" * 11 + b"\n" + b"c" * 10_000_000 + b"\n" + b"d\n" + b"e" * 30
    assert read(written(tmp_path, content), max_line_bytes=10) == [
        Line(1, b"a" * 10),
        Line(2, None),
        Line(3, None),
        Line(4, b"d"),
        Line(5, None),
    ]


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    assert read(written(tmp_path, b"")) == []


@given(st.lists(st.binary(max_size=30).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b""))))
def test_any_lines_come_back(tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]) -> None:
    path = written(tmp_path_factory.mktemp("lines"), gzip.compress(b"".join(each + b"\n" for each in contents)))
    expected = [each.removeprefix(b"\xef\xbb\xbf") if n == 0 else each for n, each in enumerate(contents)]
    assert [line.content for line in read(path, max_line_bytes=20)] == [
        each if len(original) + 1 <= 21 else None for each, original in zip(expected, contents, strict=True)
    ]


@pytest.mark.parametrize("cut", [20, -9])
def test_a_truncated_gzip_gives_what_came_before_and_then_says_so(tmp_path: Path, cut: int) -> None:
    packed = gzip.compress(b"".join(b"line %d of a file\n" % n for n in range(1000)))
    seen: list[Line] = []
    with LineReader(written(tmp_path, packed[:cut])) as lines, pytest.raises(UnreadableFile, match="breaks off after"):
        seen.extend(lines)
    assert seen == [Line(n + 1, b"line %d of a file" % n) for n in range(len(seen))]


def test_damaged_gzip_is_unreadable(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"line\n" * 1000))
    packed[15] ^= 0xFF
    with pytest.raises(UnreadableFile, match="breaks off"):
        read(written(tmp_path, bytes(packed)))


def test_a_missing_file_and_a_folder_are_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="No such file"):
        LineReader(tmp_path / "nothing")
    with pytest.raises(UnreadableFile, match="Is a directory"):
        LineReader(tmp_path)


def test_the_position_moves_through_the_file(tmp_path: Path) -> None:
    with LineReader(written(tmp_path, b"one\ntwo\n")) as lines:
        assert (lines.position, lines.size) == (0, 8)
        list(lines)
        assert lines.position == 8
