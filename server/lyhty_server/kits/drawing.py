"""What is drawn on papers: the code for a camera, and the evening by the lake of the pupils' pages."""

import base64
from collections.abc import Iterator
from itertools import groupby
from typing import Final

import segno

from lyhty_server.paper.html import Element, element, written

SVG: Final = "http://www.w3.org/2000/svg"
RIM: Final = 4  # modules, as ISO/IEC 18004 asks
_FRAME: Final = {"fill": "none", "stroke": "#d7e0ea", "stroke_width": "3", "stroke_linecap": "round"}
_SPRUCE: Final = "M0 0l9 20h-5l8 16h-6l9 18H-15l9-18h-6l8-16h-5z"
_TREES: Final = (
    (28, 128, 1.25), (58, 138, 1.0), (88, 130, 1.4), (122, 146, 0.9), (640, 140, 1.0), (672, 126, 1.5),
    (710, 136, 1.15), (748, 122, 1.6), (780, 138, 1.1),
)  # fmt: skip
_GLOW: Final = (98, 85, 73, 61, 50, 40)


def code(address: str, alt: str) -> Element:
    """A quarter of it may be dirty or torn and it is still read."""
    matrix = segno.make(address, error="q", micro=False).matrix
    size = len(matrix) + 2 * RIM
    dark = "".join(
        f"M{x + RIM} {y + RIM}h{length}v1h-{length}z" for y, row in enumerate(matrix) for x, length in _runs(row)
    )
    return element(
        "svg",
        element("title", alt),
        element("path", d=f"M0 0h{size}v{size}h-{size}z", fill="#fff"),
        element("path", d=dark, fill="#000", shape_rendering="crispEdges"),
        xmlns=SVG, viewBox=f"0 0 {size} {size}", class_="code",
    )  # fmt: skip


def _runs(row: bytearray) -> Iterator[tuple[int, int]]:
    """Where dark modules begin, and how many they are."""
    at = 0
    for is_dark, modules in groupby(row):
        length = len(list(modules))
        if is_dark:
            yield at, length
        at += length


def background(drawn: Element) -> str:
    """As a value of CSS: what is behind is no part of what is read aloud."""
    return f"url(data:image/svg+xml;base64,{base64.b64encode(written(drawn).encode()).decode()})"


def lantern() -> Element:
    return element("svg", _lantern("#8296ae"), xmlns=SVG, viewBox="6 4 36 56")


def light() -> Element:
    return element(
        "svg",
        element("circle", cx=8, cy=8, r=7, fill="#ffbe4f", stroke="#b87506", stroke_width=2),
        xmlns=SVG, viewBox="0 0 16 16",
    )  # fmt: skip


def dash() -> Element:
    return element("svg", element("path", d="M0 4h10", stroke="#b87506", stroke_width=2), xmlns=SVG, viewBox="0 0 10 8")


def evening() -> Element:
    """The landscape of the pupils' first page, as wide as a poster."""
    return element(
        "svg",
        element("path", d="M0 150c90-42 150-30 230-12s150-42 250-34 130 44 320 10v146H0z", fill="#47607f"),
        element("path", d="M0 186h800v74H0z", fill="#3c587a"),
        element(
            "path",
            d="M0 168c70-14 120-6 178 10 40 11 20 14-20 16H0zM800 160c-70-12-140-2-210 16-44 11-26 17 20 18h190z",
            fill="#22374f",
        ),
        element(
            "g",
            (element("path", d=_SPRUCE, transform=f"translate({x} {y}) scale({size})") for x, y, size in _TREES),
            fill="#14243a",
        ),
        element("path", d="M352 206h96M340 220h120M362 234h76M376 247h48", **(_FRAME | {"stroke": "#ffd68c"})),
        element(
            "g",
            (element("circle", cx=400, cy=168, r=radius, fill="#ffce77", fill_opacity=".11") for radius in _GLOW),
        ),
        element("path", d="M318 194h164v6H318zM330 200h5v14h-5zM465 200h5v14h-5z", fill="#0f1c2e"),
        element("g", _lantern("#0f1c2e"), transform="translate(376 136)"),
        xmlns=SVG, viewBox="0 0 800 260", preserveAspectRatio="xMidYMax slice",
    )  # fmt: skip


def _lantern(metal: str) -> list[Element]:
    line = _FRAME | {"stroke": metal}
    return [
        element("path", d="M17 13a7 7 0 0 1 14 0", **line),
        element("path", d="M13 20l5-6h12l5 6z", fill=metal),
        element("rect", x=12, y=20, width=24, height=32, rx=5, fill="#ffe6b0"),
        element("path", d="M24 26c5 5.5 6.5 8.6 6.5 12.2a6.5 6.5 0 0 1-13 0C17.5 34.6 19 31.5 24 26z", fill="#f59b1c"),
        element("path", d="M24 35c2 2.4 2.8 3.8 2.8 5.3a2.8 2.8 0 0 1-5.6 0c0-1.5.8-2.900 2.8-5.3z", fill="#fff3d4"),
        element("path", d="M12 25v22M36 25v22", **line),
        element("rect", x=9, y=51, width=30, height=7, rx=3.5, fill=metal),
    ]
