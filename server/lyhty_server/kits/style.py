"""How papers look: style sheets with what is drawn behind the words put into them."""

from functools import cache
from importlib.resources import files
from typing import Final

from lyhty_server.kits.drawing import background, dash, evening, lantern, light

SIZES: Final = {"A4": 1.0, "A3": 2**0.5}
"""How much larger everything on a poster is than on A4."""


def poster(size: str) -> str:
    return f"@page {{ size: {size} }} html {{ font-size: {SIZES[size]:.4f}mm }}" + _style("poster")


def sheet() -> str:
    return _style("sheet")


@cache
def _style(name: str) -> str:
    folder = files(__package__).joinpath("styles")
    style = "".join(folder.joinpath(f"{each}.css").read_text("utf-8") for each in ("common", name))
    for drawn in (dash, evening, lantern, light):
        style = style.replace(f"url({drawn.__name__})", background(drawn()))
    return style
