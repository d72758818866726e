"""The words on the screens, read from the client's own catalogs: tests say which sentence they expect, not its text."""

import json
import re
from functools import cache
from typing import Final, Literal

from tests.browser.browser_binary import ROOT

Language = Literal["fi-simple", "fi", "sv", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("fi-simple", "fi", "sv", "en")
CATALOGS: Final = ROOT / "client" / "web" / "src" / "i18n"


@cache
def _catalog(language: Language) -> dict[str, str]:
    """Of the site, at once and later, of the console, and of the page of figures."""
    files = (CATALOGS / folder / f"{language}.json" for folder in ("", "later", "console", "viewers"))
    return {key: words for file in files for key, words in json.loads(file.read_text()).items()}


def say(language: Language, key: str, **values: object) -> str:
    """The sentence `key` in `language`."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: str(values[found[1]]), _catalog(language)[key])


def three_sentences(language: Language, code: str) -> list[str]:
    """What happened, is what I wrote safe, what now."""
    return [say(language, f"errors.{code}.{part}") for part in ("what", "safe", "now")]


def stop_sentences(language: Language, code: str) -> list[str]:
    """The same on a page that stops before anything is sent."""
    return [
        say(language, f"stop.{code}.text"),
        say(language, "stop.nothingSent"),
        say(language, f"stop.{code}.now"),
    ]
