"""Which characters the bytes of a text file stand for, and whether it is text at all."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, cast

import charset_normalizer

from equipoise.carry.intake.source import refused, truncated

BLOCK: Final = 1 << 22
_BOMS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LATIN: Final = ["cp1252", "iso8859_15", "mac_roman", "cp850"]
_CONTROL: Final = bytes(set(range(32)) - {9, 10, 12, 13, 26}) + b"\x7f"


@dataclass(frozen=True)
class Look:
    """What one pass over the bytes told. ``certain`` is false where the encoding is a guess."""

    encoding: str
    certain: bool
    ends_with_line: bool
    odd_quotes: bool


def open_bytes(path: Path) -> IO[bytes]:
    """Open a plain or gzipped file for reading bytes."""
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path, "rb")) if zipped else path.open("rb")


def blocks(path: Path) -> Iterator[bytes]:
    """Yield the file's bytes, unpacked. Raises ``DataRefused`` (INT007) where gzip is damaged."""
    try:
        with open_bytes(path) as file:
            while block := file.read(BLOCK):
                yield block
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise truncated(path, "its gzip packing ends early or is damaged") from None


def look(path: Path) -> Look:
    """Pass over the file once. Refuses what is empty (INT004), not text (INT006), cut (INT007)."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    head = last = sample = b""
    quotes, is_utf8 = 0, True
    for block in blocks(path):
        head = head or block[:65_536]
        last, quotes = (last + block[-8:])[-8:], quotes + block.count(b'"')
        if is_utf8:
            try:
                decoder.decode(block)
            except UnicodeDecodeError as fault:
                is_utf8 = False
                sample = block[max(0, fault.start - 20_000) : fault.start + 200_000]
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"):
        raise refused("INT004", "the file is empty", path, next="ask the owner to export it again")
    encoding = _marked(head) or _unmarked_utf16(head)
    if encoding is None:
        _must_be_text(head, path)
    certain = encoding is not None or is_utf8
    if encoding in (None, "utf-8-sig") and is_utf8 and decoder.getstate()[0]:
        raise truncated(path, "it ends in the middle of a character")
    return Look(
        encoding=encoding or ("utf-8" if is_utf8 else _latin(sample)),
        certain=certain,
        ends_with_line=last.rstrip(b"\x00 \x1a")[-1:] in (b"\n", b"\r"),
        odd_quotes=quotes % 2 == 1,
    )


def _marked(head: bytes) -> str | None:
    return next((name for mark, name in _BOMS if head.startswith(mark)), None)


def _unmarked_utf16(head: bytes) -> str | None:
    """Tell UTF-16 without a mark: in British text every other byte is then zero."""
    if len(head) < 8:
        return None
    even, odd = head[::2].count(0) / len(head[::2]), head[1::2].count(0) / len(head[1::2])
    if odd > 0.7 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 and odd < 0.1 else None


def _must_be_text(head: bytes, path: Path) -> None:
    control = len(head) - len(head.translate(None, _CONTROL))
    # A stray NUL in a text file is a faulty value; one byte in twenty is no text.
    if control > len(head) / 20:
        raise refused(
            "INT006",
            "this is not a text file, though nothing says what else it is",
            path,
            next="export it as CSV UTF-8, Parquet, Arrow or Excel .xlsx",
        )


def _latin(sample: bytes) -> str:
    best = charset_normalizer.from_bytes(sample, cp_isolation=_LATIN).best()
    # cp1252 is what British Windows systems write; another needs evidence.
    return best.encoding if best is not None and best.chaos == 0 else "cp1252"


class Recoded(io.RawIOBase):
    """A file's bytes as UTF-8, whatever they were; for a reader that knows nothing else.

    The last line always ends with a line feed, so that one row is not read otherwise than the rest.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self._blocks = blocks(path)
        self._plain = encoding in ("utf-8", "utf-8-sig")
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._ahead = next(self._blocks, b"")
        self._waiting = b""
        self._open = True

    def readable(self) -> bool:
        """Return true."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes, empty at the end; without a size, what is at hand."""
        while not self._waiting and self._open:
            self._waiting = self._next()
        size = len(self._waiting) if size < 0 else size
        given, self._waiting = self._waiting[:size], self._waiting[size:]
        return given

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer`` as far as may be; return how many bytes it got."""
        given = self.read(len(buffer))
        buffer[: len(given)] = given
        return len(given)

    def _next(self) -> bytes:
        block, self._ahead = self._ahead, next(self._blocks, b"")
        self._open = bool(self._ahead)
        if not self._plain:
            block = self._decoder.decode(block, final=not self._ahead).encode()
        if not self._open and block[-1:] not in (b"\n", b"\r"):
            block += b"\n"
        return block
