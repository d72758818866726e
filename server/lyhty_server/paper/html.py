"""Pages as trees of elements: what is text stays text, because nothing else writes markup."""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

VOID: Final = frozenset({"br", "hr", "img", "meta"})
# Controls, marks that turn the direction of all that follows, halves of pairs, and what is no character at all.
_UNPRINTABLE: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_NAME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*")


@dataclass(frozen=True, slots=True)
class Element:
    tag: str
    attributes: tuple[tuple[str, str], ...]
    children: tuple["Element | str", ...]


Content: TypeAlias = "Element | str | Iterable[Content] | None"


def element(tag: str, *children: Content, **attributes: str | float | None) -> Element:
    """`class_` is written `class`, `aria_label` `aria-label`, `viewBox` as it is. None leaves a child or an attribute
    out; lists of children are laid flat."""
    named = ((name.rstrip("_").replace("_", "-"), value) for name, value in attributes.items())
    return Element(tag, tuple((name, str(value)) for name, value in named if value is not None), tuple(_flat(children)))


def document(*body: Content, title: str, language: str, style: str) -> str:
    """A whole page. PDF/UA asks for title and language (a BCP 47 tag); `style` is CSS of the program's own."""
    assert "</" not in style
    head = element("head", element("meta", charset="utf-8"), element("title", title))
    return (
        f'<!doctype html><html lang="{_attribute(language)}">{written(head)}<style>{style}</style>'
        f"{written(element('body', *body))}</html>"
    )


def written(content: Element | str) -> str:
    """As markup: HTML, and SVG inside it."""
    if isinstance(content, str):
        return html.escape(printable(content), quote=False)
    if not all(map(_NAME.fullmatch, (content.tag, *(name for name, _ in content.attributes)))):
        raise ValueError(f"{content.tag!r} or an attribute of it is no name")
    opened = content.tag + "".join(f' {name}="{_attribute(value)}"' for name, value in content.attributes)
    if content.tag in VOID:
        return f"<{opened}>"
    return f"<{opened}>{''.join(map(written, content.children))}</{content.tag}>"


def printable(text: str) -> str:
    """Without what has no shape of its own but changes what stands beside it, or that no page may hold."""
    return _UNPRINTABLE.sub("", text)


def _attribute(value: str) -> str:
    return html.escape(printable(value))


def _flat(children: Iterable[Content]) -> Iterator[Element | str]:
    for child in children:
        if isinstance(child, Element | str):
            yield child
        elif child is not None:
            yield from _flat(child)
