"""What a server answered, held against the manifest of a release (SPEC 10). Rules only: values in, differences out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

from lyhty_wire.manifests import Manifest, ServedBytes, ServedFile

# What connections and proxies add, and browsers do not act on. Any other header that the release does not send is told.
OF_TRANSPORT: Final = frozenset(
    {"connection", "content-encoding", "content-length", "date", "keep-alive", "server", "transfer-encoding", "via"}
)
INSIST_ON_TLS: Final = "strict-transport-security"
HTML: Final = "text/html"
# Attributes that make a browser fetch something, or go somewhere, by itself.
FETCHING: Final = {
    "audio": "src", "base": "href", "embed": "src", "iframe": "src", "img": "src", "link": "href", "object": "data",
    "script": "src", "source": "src", "video": "src",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file is asked for: a server may answer one manner differently from another."""

    name: str
    coding: str | None
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    """Of a file that is far too long, only the beginning."""


@dataclass(frozen=True, slots=True)
class Difference:
    address: str
    kind: str
    sentence: str
    only: str | None = None
    """The manners in which it shows, if not in all."""

    @property
    def told(self) -> str:
        return f"{self.sentence} (Only asked {self.only}.)" if self.only else self.sentence


def differences(
    manifest: Manifest, address: str, manner: Manner, answer: Answer, *, over_tls: bool
) -> Iterator[Difference]:
    file = manifest.files[address]
    if 300 <= answer.status < 400:
        yield Difference(address, "redirect", f"{address} sends the browser to another address.")
        return
    if answer.status != 200:
        yield Difference(address, "missing", f"{address} is not there: the server answers {answer.status}.")
        return
    due = file.br if manner.coding == "br" and file.br is not None else file.plain
    if ServedBytes.of(answer.body) != due:
        yield Difference(address, "content", f"{address} is not the file of the release.")
        yield from _strange_references(manifest, address, file, answer.body)
    yield from _header_differences(manifest, address, file, answer, packed=due is file.br, over_tls=over_tls)


def not_there(answer: Answer) -> Iterator[Difference]:
    """To an address that was made up: whoever answers it might answer others that no manifest knows."""
    if answer.status != 404:
        sentence = f"An address that does not exist is answered with {answer.status} instead of 404."
        yield Difference("*", "unknown-address", sentence)


def gathered(found: Iterable[tuple[Manner, Difference]], manners: int) -> list[Difference]:
    """Each difference once, with the manners it shows in when it does not show in all."""
    seen: dict[Difference, list[str]] = {}
    for manner, difference in found:
        seen.setdefault(difference, []).append(manner.name)
    return [
        each if len(names) == manners else Difference(each.address, each.kind, each.sentence, ", ".join(names))
        for each, names in sorted(seen.items(), key=lambda item: (item[0].address, item[0].kind, item[0].sentence))
    ]


def _header_differences(
    manifest: Manifest, address: str, file: ServedFile, answer: Answer, *, packed: bool, over_tls: bool
) -> Iterator[Difference]:
    sent: dict[str, list[str]] = {}
    for name, value in answer.headers:
        sent.setdefault(name.lower(), []).append(value)
    due = {name.lower(): (name, value) for name, value in (manifest.headers | file.headers).items()}
    for key, (name, value) in due.items():
        values = sent.get(key, [])
        if values != [value]:
            what = "is missing" if not values else "says something else than in the release"
            yield Difference(address, "header", f"The header {name} of {address} {what}.")
    if sent.get("content-encoding", []) != (["br"] if packed else []):
        yield Difference(address, "coding", f"{address} comes packed in another way than in the release.")
    for key in sent.keys() - due.keys() - OF_TRANSPORT - {INSIST_ON_TLS}:
        yield Difference(
            address, "extra-header", f"{address} comes with a header that the release does not send: {key}."
        )
    if over_tls and INSIST_ON_TLS not in sent:
        yield Difference(address, "header", f"{address} does not tell browsers to insist on TLS.")


def _strange_references(manifest: Manifest, address: str, file: ServedFile, body: bytes) -> Iterator[Difference]:
    """What a changed page asks for besides the files of the release."""
    if not file.headers.get("Content-Type", "").startswith(HTML):
        return
    page = _Page()
    page.feed(body.decode("utf-8", "replace"))
    for target in sorted(page.targets - manifest.files.keys()):
        yield Difference(address, "reference", f"{address} makes browsers fetch {target}, which is not of the release.")
    if page.has_inline_script:
        yield Difference(address, "reference", f"{address} has a script inside the page.")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.targets: set[str] = set()
        self.has_inline_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        target = given.get(FETCHING.get(tag, ""))
        if target is not None:
            self.targets.add(target)
        elif tag == "script":
            self.has_inline_script = True
