"""Drawings as trees of shapes, and the one way of writing them as SVG: nothing else can be written."""

from collections.abc import Iterator
from html import escape
from typing import Final

from lyhty_server.figures.pages import Shape

TAGS: Final = frozenset(("svg", "g", "title", "desc", "rect", "line", "path", "circle", "text"))
ATTRIBUTES: Final = frozenset(
    (
        "aria-hidden", "aria-labelledby", "class", "cx", "cy", "d", "dominant-baseline", "fill", "fill-opacity",
        "font-family", "font-size", "font-weight", "height", "id", "r", "role", "stroke", "stroke-dasharray",
        "stroke-linecap", "stroke-linejoin", "stroke-width", "text-anchor", "viewBox", "width", "x", "x1", "x2", "y",
        "y1", "y2",
    )
)  # fmt: skip
_NAMESPACE: Final = "http://www.w3.org/2000/svg"


def shape(tag: str, *children: Shape, text: str = "", **attributes: str | float) -> Shape:
    """`stroke_width=2` is `stroke-width="2"`; a trailing underscore is left off: `class_`."""
    named = {name.rstrip("_").replace("_", "-"): _written(value) for name, value in attributes.items() if value != ""}
    _check(tag, named)
    return Shape(tag, named, list(children), text)


def svg(drawing: Shape) -> str:
    """A file of its own. Raises ValueError for a tag or an attribute that no drawing has."""
    return "".join(_lines(drawing, f' xmlns="{_NAMESPACE}"')) + "\n"


def _lines(drawing: Shape, namespace: str = "") -> Iterator[str]:
    _check(drawing.tag, drawing.attributes)
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in drawing.attributes.items())
    yield f"<{drawing.tag}{namespace}{attributes}>{escape(drawing.text, quote=False)}"
    for child in drawing.children:
        yield from _lines(child)
    yield f"</{drawing.tag}>"


def _check(tag: str, attributes: dict[str, str]) -> None:
    if tag not in TAGS or not ATTRIBUTES.issuperset(attributes):
        raise ValueError(f"no drawing has <{tag} {' '.join(attributes)}>")


def _written(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
