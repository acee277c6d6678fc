"""Reads a file of lines, plain or gzip, holding one bounded line at a time; used by the imports."""

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self, cast

MAX_LINE_BYTES = 1024 * 1024
GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """One line with its number from 1; `content` is None where the line was longer than the bound."""

    number: int
    content: bytes | None


class UnreadableFile(Exception):
    """The file cannot be opened, or breaks off; lines given before it broke off are good."""


class LineReader:
    """An open file of lines, to be closed; gzip is known by its first bytes, not by the file's name."""

    def __init__(self, path: Path, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        """Open the file; raises UnreadableFile when it is not there or may not be read."""
        try:
            self._raw: BinaryIO = path.open("rb")
            self.size = path.stat().st_size
            self._stream = self._unpacked(self._raw)
        except OSError as error:
            raise UnreadableFile(f"{path}: {error.strerror or error}") from error
        self._path = path
        self._max = max_line_bytes

    @staticmethod
    def _unpacked(raw: BinaryIO) -> BinaryIO:
        packed = raw.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        raw.seek(0)
        return cast("BinaryIO", io.BufferedReader(gzip.GzipFile(fileobj=raw))) if packed else raw

    @property
    def position(self) -> int:
        """How many bytes of the file (packed, if it is packed) have been read."""
        return self._raw.tell()

    def __iter__(self) -> Iterator[Line]:
        """Give each line without its line end; raises UnreadableFile where the file breaks off."""
        number = 0
        try:
            while piece := self._stream.readline(self._max + 1):
                number += 1
                if number == 1:
                    piece = piece.removeprefix(BYTE_ORDER_MARK)
                yield Line(number, self._rest_of(piece))
        except (EOFError, OSError, zlib.error) as error:
            raise UnreadableFile(f"{self._path}: breaks off after line {number}: {error}") from error

    def _rest_of(self, piece: bytes) -> bytes | None:
        """Cut the line end off; of a line over the bound, read on to its end and give None."""
        if len(piece) <= self._max or piece.endswith(b"\n"):
            return piece.rstrip(b"\r\n")
        while piece and not piece.endswith(b"\n"):
            piece = self._stream.readline(self._max)
        return None

    def __enter__(self) -> Self:
        """Give the reader itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._stream.close()
        self._raw.close()
