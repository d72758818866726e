"""The pictures of a page: bars that stand or lie, a line in its band, dots with whiskers (SPEC 12.5).

Nothing is told by color alone: intervals are lines, small counts are striped or hollow, one's own mark is a diamond,
and every figure stands beside its mark as text. They read the same in black and white.
"""

from collections.abc import Iterator, Sequence
from math import ceil, floor, log10
from textwrap import wrap
from typing import Final, NamedTuple

from lyhty_server.figures.pages import Shape
from lyhty_server.figures.shapes import shape

WIDTH: Final = 480
_LEFT, _RIGHT, _TOP, _PLOT = 40, 8, 26, 190
_FONT: Final = "Atkinson Hyperlegible, Segoe UI, Noto Sans, DejaVu Sans, sans-serif"
_INK, _SOFT, _GRID, _LIGHT, _EDGE, _BAND = "#1b2a41", "#4a5568", "#d5d4d2", "#ffbe4f", "#b87506", "#fff1d3"
_LABEL, _LABEL_LINE = 56, 17
"""Letters of a label that fit in the width of a picture, and the height of another line of it."""
_FEW: Final = 2.5
"""Where `<5` is drawn: in the middle of what it may be."""


class Mark(NamedTuple):
    """One figure of a picture."""

    label: str
    text: str
    value: float | None
    """None: it is few, and how few is not told."""
    low: float
    high: float
    is_own: bool = False
    few: float = _FEW

    @property
    def at(self) -> float:
        return self.few if self.value is None else self.value

    @property
    def end(self) -> float:
        """Of its bar: of few, as much as it may be."""
        return 2 * self.few if self.value is None else self.value

    @property
    def most(self) -> float:
        """Nothing of it is drawn beyond."""
        return max(self.high, self.end)


def columns(name: str, title: str, description: str, marks: Sequence[Mark], axis: str) -> Shape:
    scale = _Scale(max((mark.most for mark in marks), default=1), _PLOT)
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(marks))
    bar = min(46.0, step * 0.62)
    drawn: list[Shape] = [*_grid(scale), _text(0, 13, axis, "c-soft", size=12.5, fill=_SOFT)]
    for nth, mark in enumerate(marks):
        middle = _LEFT + (nth + 0.5) * step
        top = scale.y(mark.end)
        drawn += _bar(mark, middle - bar / 2, top, bar, scale.y(0) - top)
        drawn += _upright(middle, scale.y(mark.low), scale.y(mark.high))
        drawn.append(_text(middle, scale.y(mark.most) - 6, mark.text, "c-text", "middle", size=13, weight="bold"))
        drawn.append(_text(middle, _TOP + _PLOT + 17, mark.label, "c-text", "middle", size=_fits(step, marks)))
    return _picture(name, title, description, _TOP + _PLOT + 26, drawn)


def line(name: str, title: str, description: str, marks: Sequence[Mark], axis: str) -> Shape:
    scale = _Scale(max((mark.most for mark in marks), default=1), _PLOT)
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(marks))
    at = [(_LEFT + (nth + 0.5) * step, mark) for nth, mark in enumerate(marks)]
    upper = [f"{_n(x)} {_n(scale.y(mark.high))}" for x, mark in at]
    lower = [f"{_n(x)} {_n(scale.y(mark.low))}" for x, mark in reversed(at)]
    middle = [f"{_n(x)} {_n(scale.y(mark.at))}" for x, mark in at]
    drawn = [
        *_grid(scale),
        _text(0, 13, axis, "c-soft", size=12.5, fill=_SOFT),
        shape("path", d=f"M{' L'.join([*upper, *lower])} Z", fill=_BAND, stroke=_EDGE, stroke_width=1,
              stroke_dasharray="3 3", class_="c-band"),
        shape("path", d=f"M{' L'.join(middle)}", fill="none", stroke=_INK, stroke_width=2, stroke_linejoin="round",
              class_="c-line"),
    ]  # fmt: skip
    for x, mark in at:
        y = scale.y(mark.at)
        hollow = mark.value is None
        drawn.append(
            shape("circle", cx=x, cy=y, r=4.5, fill="#fff" if hollow else _INK, stroke=_INK, stroke_width=2,
                  class_="c-hollow" if hollow else "c-dot")
        )  # fmt: skip
        drawn.append(_text(x, scale.y(mark.most) - 6, mark.text, "c-text", "middle", size=13, weight="bold"))
        for row, words in enumerate(_in_two(mark.label) if step < 76 else [mark.label]):
            drawn.append(_text(x, _TOP + _PLOT + 17 + 14 * row, words, "c-text", "middle", size=12))
    return _picture(name, title, description, _TOP + _PLOT + 40, drawn)


def bars(name: str, title: str, description: str, marks: Sequence[Mark]) -> Shape:
    """Lying, each below its label, so that long labels fit in every language."""
    width = WIDTH - 60
    most = max((mark.most for mark in marks), default=1) or 1
    drawn: list[Shape] = []
    for nth, mark in enumerate(marks):
        y = nth * 44
        drawn.append(_text(0, y + 14, mark.label, "c-text", size=14))
        length = mark.end / most * width
        drawn += _bar(mark, 0.75, y + 20, length, 14)
        drawn += _lying(y + 27, mark.low / most * width + 0.75, mark.high / most * width + 0.75)
        drawn.append(_text(mark.most / most * width + 9, y + 32, mark.text, "c-text", size=14, weight="bold"))
    return _picture(name, title, description, len(marks) * 44, drawn)


def dots(name: str, title: str, description: str, marks: Sequence[Mark], axis: str, point: str) -> Shape:
    """Rates: a dot and its interval, below its label; one's own is a diamond."""
    left, width = 8, WIDTH - 76
    top, tick = _nice(max((mark.high for mark in marks), default=1))
    labels = [wrap(mark.label, _LABEL) for mark in marks]
    heights = [46 + _LABEL_LINE * (len(lines) - 1) for lines in labels]
    height = sum(heights)
    drawn: list[Shape] = []
    for nth in range(round(top / tick) + 1):
        x = left + nth * tick / top * width
        drawn.append(shape("line", x1=x, x2=x, y1=0, y2=height, stroke=_GRID, class_="c-grid"))
        drawn.append(_text(x, height + 16, _n(nth * tick).replace(".", point), "c-soft", "middle", size=12, fill=_SOFT))
    for nth, (mark, lines) in enumerate(zip(marks, labels, strict=True)):
        y, x = sum(heights[: nth + 1]) - 14, left + mark.at / top * width
        for back, words in enumerate(reversed(lines)):
            weight = "bold" if mark.is_own else ""
            drawn.append(_text(left, y - 14 - _LABEL_LINE * back, words, "c-text", size=14, weight=weight))
        drawn += _lying(y, left + mark.low / top * width, left + mark.high / top * width)
        if mark.is_own:
            path = f"M{_n(x - 8)} {y} L{_n(x)} {y - 8} L{_n(x + 8)} {y} L{_n(x)} {y + 8} Z"
            drawn.append(shape("path", d=path, fill=_LIGHT, stroke=_INK, stroke_width=2, class_="c-own"))
        else:
            hollow = mark.value is None
            drawn.append(shape("circle", cx=x, cy=y, r=5, fill="#fff" if hollow else _INK, stroke=_INK, stroke_width=2,
                               class_="c-hollow" if hollow else "c-dot"))  # fmt: skip
        drawn.append(_text(WIDTH - 2, y + 5, mark.text, "c-text", "end", size=14, weight="bold"))
    drawn.append(_text(left, height + 34, axis, "c-soft", size=12.5, fill=_SOFT))
    return _picture(name, title, description, height + 42, drawn)


class _Scale:
    """Counts upwards from the ground line."""

    def __init__(self, most: float, height: float) -> None:
        self.top, self.tick = _nice(max(most, 1), whole=True)
        self._height = height

    def y(self, value: float) -> float:
        return _TOP + self._height * (1 - value / self.top)


def _nice(most: float, *, whole: bool = False) -> tuple[float, float]:
    """The end of an axis and the step of its ticks: 1, 2 or 5 times a power of ten, three to six of them."""
    rough = most / 4 or 1.0
    power = 10.0 ** floor(log10(rough))
    tick = next(each * power for each in (1, 2, 5, 10) if each * power >= rough)
    tick = max(1.0, tick) if whole else tick
    return ceil(round(most / tick, 9)) * tick, tick


def _grid(scale: _Scale) -> Iterator[Shape]:
    for nth in range(round(scale.top / scale.tick) + 1):
        y = scale.y(nth * scale.tick)
        color = _SOFT if nth == 0 else _GRID
        yield shape("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=y, y2=y, stroke=color, class_="c-grid")
        yield _text(_LEFT - 6, y + 4, _n(nth * scale.tick), "c-soft", "end", size=12, fill=_SOFT)


def _bar(mark: Mark, x: float, y: float, width: float, height: float) -> list[Shape]:
    if mark.value is not None:
        return [
            shape("rect", x=x, y=y, width=width, height=height, fill=_LIGHT, stroke=_EDGE, stroke_width=1.5,
                  class_="c-bar")
        ]  # fmt: skip
    stripes = " ".join(
        f"M{_n(x + 4 + 6 * nth)} {_n(y + height)} v-{_n(height)}" for nth in range(max(0, int((width - 3) // 6)))
    )
    outline = shape("rect", x=x, y=y, width=width, height=height, fill="#fff", stroke=_EDGE, stroke_width=1.5,
                    stroke_dasharray="4 3", class_="c-few")  # fmt: skip
    return [outline, *([shape("path", d=stripes, fill="none", stroke=_EDGE, class_="c-stripes")] if stripes else [])]


def _upright(x: float, low: float, high: float) -> list[Shape]:
    return _whisker(f"M{_n(x)} {_n(low)} V{_n(high)} M{_n(x - 5)} {_n(high)} h10 M{_n(x - 5)} {_n(low)} h10")


def _lying(y: float, low: float, high: float) -> list[Shape]:
    return _whisker(f"M{_n(low)} {_n(y)} H{_n(high)} M{_n(low)} {_n(y - 5)} v10 M{_n(high)} {_n(y - 5)} v10")


def _whisker(path: str) -> list[Shape]:
    return [shape("path", d=path, fill="none", stroke=_INK, stroke_width=1.5, class_="c-whisker")]


def _text(
    x: float, y: float, text: str, class_: str, anchor: str = "", *, size: float, fill: str = _INK, weight: str = ""
) -> Shape:
    return shape(
        "text", text=text, x=x, y=y, text_anchor=anchor, font_size=size, fill=fill, font_weight=weight, class_=class_
    )


def _picture(name: str, title: str, description: str, height: float, drawn: Sequence[Shape]) -> Shape:
    return shape(
        "svg",
        shape("title", text=title, id=f"{name}-title"),
        shape("desc", text=description, id=f"{name}-desc"),
        shape("g", *drawn, aria_hidden="true", font_family=_FONT),
        viewBox=f"0 0 {WIDTH} {_n(height)}", width=WIDTH, height=height, role="img", class_="chart",
        aria_labelledby=f"{name}-title {name}-desc",
    )  # fmt: skip


def _fits(step: float, marks: Sequence[Mark]) -> float:
    """Size of letters, for the longest pair of neighbors."""
    longest = max((len(mark.label) for mark in marks), default=1)
    return max(10.0, min(13.0, step / (longest * 0.56)))


def _in_two(label: str) -> list[str]:
    first, _, second = label.rpartition(" ")
    return [first, second] if first else [second]


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))
