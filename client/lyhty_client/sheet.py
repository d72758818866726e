"""The root key on paper: characters, picture words and a code for a camera. One HTML file that needs nothing else."""

import html
import io
from typing import Final

import segno

from lyhty_client.errors import RootError
from lyhty_client.phrases import Choose, nobody_to_ask, read_phrase
from lyhty_crypto.lexicon import LEXICON, Language, split_phrase
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import SEED_BYTES, InstanceId

WORDS_IN_A_ROW: Final = 8
ROWS: Final = SEED_BYTES // WORDS_IN_A_ROW

_TEXTS: Final[dict[Language, tuple[str, str, str, str, str]]] = {
    "fi": (
        "Lyhdyn juuriavain",
        "Tällä paperilla voi tehdä uudet avaimet koko palvelulle. Säilytä se lukitussa paikassa, kaukana palvelimesta.",
        "Palvelun tunniste",
        "Juuriavain",
        "Sama avain sanoina, rivi kerrallaan",
    ),
    "sv": (
        "Lyhtys rotnyckel",
        "Med det här arket kan man göra nya nycklar för hela tjänsten. Förvara det inlåst, långt från servern.",
        "Tjänstens kännetecken",
        "Rotnyckel",
        "Samma nyckel som ord, rad för rad",
    ),
    "en": (
        "Lyhty root key",
        "With this sheet new keys can be made for the whole service. Keep it locked away, far from the server.",
        "Service id",
        "Root key",
        "The same key as words, row by row",
    ),
}
LANGUAGES: Final = tuple(_TEXTS)
_STYLE: Final = (
    "body{font:16px/1.5 sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}"
    "code{font-size:1.1rem;overflow-wrap:anywhere}svg{width:14rem;height:14rem}td{padding:.15rem .6rem .15rem 0}"
)


def recovery_sheet(root_seed: bytes, instance: InstanceId, language: Language) -> str:
    title, use, instance_is, key_is, words_are = _TEXTS[language]
    key, words = b64encode(root_seed), [LEXICON.words[language][byte] for byte in root_seed]
    rows = [words[start : start + WORDS_IN_A_ROW] for start in range(0, len(words), WORDS_IN_A_ROW)]
    table = "".join("<tr>" + "".join(f"<td>{html.escape(word)}</td>" for word in row) + "</tr>" for row in rows)
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1><p>{use}</p><h2>{instance_is}</h2><p><code>{b64encode(instance)}</code></p>"
        f"<h2>{key_is}</h2><p><code>{key}</code></p>{_code(key)}<h2>{words_are}</h2><table>{table}</table></html>\n"
    )


def typed_from_sheet(text: str, language: Language, choose: Choose = nobody_to_ask) -> bytes:
    """The key, from its 43 characters or its 32 words. Whether it is the right one, only the root can tell.

    Raises:
        ClientError: neither, or a word that is in no list.
    """
    squeezed, words = "".join(text.split()), split_phrase(text)
    if len(squeezed) == len(b64encode(bytes(SEED_BYTES))):
        return b64decode(squeezed, SEED_BYTES, code="root-not-made")
    if len(words) != SEED_BYTES:
        raise RootError(f"The sheet has {SEED_BYTES} words, or 43 characters; these are {len(words)} words.")
    rows = [" ".join(words[start : start + WORDS_IN_A_ROW]) for start in range(0, SEED_BYTES, WORDS_IN_A_ROW)]
    return b"".join(read_phrase(row, language, choose) for row in rows)


def _code(text: str) -> str:
    """Black on white, with the empty rim that cameras need."""
    written = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        written, kind="svg", border=4, light="#fff", xmldecl=False, svgns=True, omitsize=True
    )
    return written.getvalue().decode()
