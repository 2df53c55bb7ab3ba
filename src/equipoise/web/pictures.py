"""Pictures within a page: SVG as a ``data:`` address, which a browser draws and never runs."""

from __future__ import annotations

import base64

import segno


def as_picture(svg: str) -> str:
    """Return an SVG as an address for ``img``."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def qr_code(text: str) -> str:
    """Return the QR code of a text as an SVG, dark on light with the quiet zone around it."""
    made = segno.make(text, micro=False, error="m")
    drawn: str = made.svg_inline(scale=5, dark="#000", light="#fff")
    return drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
