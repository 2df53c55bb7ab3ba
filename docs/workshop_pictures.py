"""Make the pictures of ``docs/images/weighing`` again: hold the founding workshop in a browser.

``python docs/workshop_pictures.py`` runs a browser test, which keeps pictures of what it sees,
cuts out what the page shows of them, and saves it with few colours, so that it is small.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
INTO = ROOT / "docs" / "images" / "weighing"
TEST = "tests/browser/test_the_seeds_workshop_in_chromium.py"
CHOSEN = {  # kept by a test: saved as, first row, rows
    "seed-wall-joining": ("wall-joining", 0, 720),
    "seed-phone-ranking-C1": ("phone-ranking", 0, 760),
    "seed-wall-ranking": ("wall-ranking", 0, 720),
    "seed-bump": ("bump-chart", 0, 560),
    "seed-desk": ("facilitators-desk", 0, 1240),
    "seed-phone-red-lines": ("phone-red-lines", 520, 1420),
    "seed-wall-shift": ("shift", 0, 720),
    "seed-report": ("report", 0, 1100),
}
MOST_COLOURS = 256


def pixels(path: Path, most: int) -> tuple[int, int, list[bytes]]:
    """Return width, bytes for each pixel, and the first rows of a PNG as browsers write them."""
    data, at, packed, size = path.read_bytes(), 8, b"", (0, 0, 0)
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, _, colour = struct.unpack(">IIBB", body[:10])
            size = (width, height, {2: 3, 6: 4}[colour])
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    width, height, step = size
    return width, step, _unfiltered(zlib.decompress(packed), width * step, min(height, most), step)


def _unfiltered(raw: bytes, length: int, height: int, step: int) -> list[bytes]:
    rows, above = [], bytearray(length)
    for number in range(height):
        start = number * (length + 1)
        way, row = raw[start], bytearray(raw[start + 1 : start + 1 + length])
        for i in range(length) if way else ():
            left = row[i - step] if i >= step else 0
            corner = above[i - step] if i >= step else 0
            guess = (0, left, above[i], (left + above[i]) // 2, _paeth(left, above[i], corner))
            row[i] = row[i] + guess[way] & 255
        rows.append(bytes(row))
        above = row
    return rows


def _paeth(left: int, above: int, corner: int) -> int:
    near = left + above - corner
    return min((left, above, corner), key=lambda each: abs(near - each))


def save(path: Path, width: int, step: int, rows: list[bytes]) -> None:
    """Write rows as a PNG with a palette of the colours that are used most."""
    known = [[row[i : i + 3] for i in range(0, width * step, step)] for row in rows]
    # Shades that nobody tells apart are one, so that few colours are enough.
    shades = bytes(min(255, (value + 8) // 17 * 17) for value in range(256))
    known = [[pixel.translate(shades) for pixel in row] for row in known]
    used = Counter(pixel for row in known for pixel in row)
    palette = [colour for colour, _ in used.most_common(MOST_COLOURS)]
    at = {colour: number for number, colour in enumerate(palette)}
    for colour in used:
        if colour not in at:
            at[colour] = min(range(len(palette)), key=lambda n: _apart(palette[n], colour))
    raw = b"".join(b"\0" + bytes(at[pixel] for pixel in row) for row in known)
    head = struct.pack(">IIBBBBB", width, len(rows), 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(raw, 9)))
    written = b"".join(_part(kind, body) for kind, body in (*parts, (b"IEND", b"")))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + written)


def _apart(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _part(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def main(folder: Path) -> None:
    """Save the chosen pictures out of a folder in which tests kept theirs."""
    INTO.mkdir(parents=True, exist_ok=True)
    for kept, (name, first, count) in CHOSEN.items():
        width, step, rows = pixels(folder / f"{kept}.png", first + count)
        save(INTO / f"{name}.png", width, step, rows[first : first + count])
        print(f"{name}.png: {(INTO / f'{name}.png').stat().st_size // 1024} KB")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as kept:
            run = [sys.executable, "-m", "pytest", "-p", "no:xdist", TEST]
            subprocess.run(  # noqa: S603 - our own tests
                run, cwd=ROOT, env={**os.environ, "EQUIPOISE_PICTURES": kept}, check=True
            )
            main(Path(kept))
