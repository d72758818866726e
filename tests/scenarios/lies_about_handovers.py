"""Lies about whether another profession may help, and what it may read: each under its name (SPEC 4.7).

Told of the cases in `handed_cases`; a lie is about the one with the answer that it names. `turned` and `stolen` as in
`stored_case`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from msgspec import structs

from lyhty_crypto.keys import SigningKey
from lyhty_crypto.wrapping import seal_link, wrap_key
from lyhty_wire.contents import ALL, Ask, Consent, Content
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, Generation, Head, commitment, digest
from lyhty_wire.rosters import RosterEntry, UntrustedRoster
from lyhty_wire.wraps import CASE_KEY, NO_LINK, TO_QUEUE
from tests.scenarios.handed_cases import WHY
from tests.scenarios.lies_about_turns import signed_by
from tests.scenarios.lies_of_trust import SERVERS_KEY
from tests.scenarios.lying_server import Json, flipped
from tests.scenarios.stored_case import (
    AT,
    Change,
    Listed,
    Make,
    StoredCase,
    added,
    changed,
    in_place_of,
    moved,
    told_again,
    without,
)

# --- Who was let in


@dataclass(frozen=True)
class LetInLie:
    """Told to a psychologist of a case as it is handed to who holds it: nothing of it opens."""

    name: str
    answer: str
    """Of the case that it is told about."""
    opened: Callable[[StoredCase], Json]

    def __str__(self) -> str:
        return self.name


def _for_psychologist(opened: Json) -> Json:
    return opened | {"place": opened["place"] | {"queue": int(PSYCHOLOGIST)}}


def _kept_to_itself(stored: StoredCase) -> Json:
    return _for_psychologist(stored.opened)


def _entry(stored: StoredCase) -> RosterEntry:
    """The psychologists' queue as a reader, with a wrap of the server's."""
    queue = next(each for each in stored.provider.directory_body.queues if each.id == PSYCHOLOGIST)
    wrap_digest = digest(b64decode(_wrap(stored, 2)))
    return RosterEntry(TO_QUEUE, PSYCHOLOGIST, queue.current.epoch, digest(queue.current.kem), wrap_digest)


def _wrap(stored: StoredCase, generation: int) -> str:
    """A key of the server's, for psychologists; the same each time it is asked for, because rosters name its hash."""
    return _wraps.setdefault((stored.case, generation), _made(stored, generation))


_wraps: Final[dict[tuple[bytes, int], str]] = {}


def _made(stored: StoredCase, generation: int) -> str:
    queue = next(each for each in stored.provider.directory_body.queues if each.id == PSYCHOLOGIST)
    wrap = wrap_key(
        bytes(32), queue.current.kem, instance=stored.provider.instance, subject=stored.case, kind=CASE_KEY,
        recipient=TO_QUEUE, queue=PSYCHOLOGIST, epoch=queue.current.epoch, generation=Generation(generation),
    )  # fmt: skip
    return b64encode(wrap.encode())


def _with_psychologists(stored: StoredCase) -> tuple[RosterEntry, ...]:
    return tuple(sorted((*stored.rosters[0].entries, _entry(stored)), key=lambda each: each.place))


def _next_roster(stored: StoredCase) -> UntrustedRoster:
    first = stored.rosters[0]
    return structs.replace(
        first, generation=Generation(2), previous=first.commitment, commitment=commitment(bytes(32)),
        entries=_with_psychologists(stored),
    )  # fmt: skip


def _let_in(sign: Callable[[StoredCase, UntrustedRoster], UntrustedRoster]) -> Callable[[StoredCase], Json]:
    """A next generation in which psychologists read; the key in it is the server's."""

    def opened(stored: StoredCase) -> Json:
        roster = sign(stored, _next_roster(stored))
        return _for_psychologist(stored.opened) | {
            "rosters": [*stored.opened["rosters"], b64encode(roster.encode())],
            "wraps": [_wrap(stored, 2)],
            "links": [None, b64encode(NO_LINK)],
        }

    return opened


def _from_the_start(stored: StoredCase) -> Json:
    roster = structs.replace(stored.rosters[0], entries=_with_psychologists(stored))
    return _for_psychologist(stored.opened) | {"rosters": [b64encode(roster.encode())], "wraps": [_wrap(stored, 1)]}


def _anothers_yes(stored: StoredCase) -> Json:
    opened = _for_psychologist(stored.others_opened)
    return opened | {
        "place": opened["place"] | {"case": stored.opened["place"]["case"]},
        "rosters": [stored.opened["rosters"][0], opened["rosters"][1]],
        "sign_pk": stored.opened["sign_pk"],
    }


def _told(stored: StoredCase, **changes: Any) -> Json:
    assert stored.to_psychologist is not None
    return stored.to_psychologist | changes


def _with_wrap(pick: Callable[[StoredCase], str]) -> Callable[[StoredCase], Json]:
    return lambda stored: _told(stored, wraps=[pick(stored), *_told(stored)["wraps"]])


LET_IN_LIES: Final = (
    LetInLie("a case that its reporter kept to the lawyers", "no", _kept_to_itself),
    LetInLie("a yes by nobody", "no", _let_in(lambda _, roster: roster)),
    LetInLie("a yes by the server", "no", _let_in(lambda _, roster: signed_by(SERVERS_KEY, roster))),
    LetInLie("a yes by the lawyer turned", "no", _let_in(lambda s, r: signed_by(s.provider.lawyer.keys.sign, r))),
    LetInLie("a yes by the psychologist turned", "no",
             _let_in(lambda s, r: signed_by(s.provider.psychologist.keys.sign, r))),
    LetInLie("the yes of another case", "no", _anothers_yes),
    LetInLie("psychologists asked for from the start", "no", _from_the_start),
    LetInLie("the lawyers' key to what was before", "from-here", _with_wrap(lambda s: s.before["wraps"][0])),
    LetInLie("a key of the server's to what was before", "from-here", _with_wrap(lambda s: _wrap(s, 1))),
    LetInLie("the lawyers' newest key", "from-here", lambda s: _told(s, wraps=s.opened["wraps"][-1:])),
    LetInLie("the case of before the yes", "all", lambda s: _told(s, rosters=s.opened["rosters"][:1], links=[None])),
    LetInLie("no key", "all", lambda s: _told(s, wraps=[])),
)  # fmt: skip


# --- What they may read


@dataclass(frozen=True)
class PastLie:
    """Told to the psychologist who was let in, of the way to what was before: what is newer is read, and it is told."""

    name: str
    answer: str
    link: Callable[[StoredCase], str | None]

    def __str__(self) -> str:
        return self.name


def _link_to(key: bytes, stored: StoredCase) -> str:
    instance, case = stored.provider.instance, stored.case
    return b64encode(seal_link(key, stored.keys[2], instance=instance, case=case, generation=Generation(2)))


PAST_LIES: Final = (
    PastLie("everything made of from-here, by a link of the server's", "from-here", lambda _: b64encode(b"x" * 48)),
    PastLie("everything made of from-here, by the link of another case", "from-here",
            lambda s: s.others_opened["links"][1]),
    PastLie("everything made of from-here, by a link to another key, with the stolen newest one", "from-here",
            lambda s: _link_to(bytes(32), s)),
    PastLie("from-here made of everything, by no link", "all", lambda _: None),
    PastLie("from-here made of everything, by a link of zeros", "all", lambda _: b64encode(NO_LINK)),
    PastLie("from-here made of everything, by a changed link", "all",
            lambda s: b64encode(flipped(b64decode(_told(s)["links"][1]), 9))),
)  # fmt: skip


# --- What was asked and answered


def _forged(author: Callable[[StoredCase], SigningKey], content: Callable[[StoredCase, Listed], Content]) -> Make:
    """The author's next message, with the stolen keys."""

    def make(all_: Listed, stored: StoredCase) -> bytes:
        key = author(stored)
        return stored.forge(key, stored.last_of(all_, key), content(stored, all_))

    return make


def _server(_: StoredCase) -> SigningKey:
    return SERVERS_KEY


def _lawyer(stored: StoredCase) -> SigningKey:
    return stored.provider.lawyer.keys.sign


def _psychologist(stored: StoredCase) -> SigningKey:
    return stored.provider.psychologist.keys.sign


def _question(queue: int = PSYCHOLOGIST) -> Callable[[StoredCase, Listed], Content]:
    return lambda _stored, _all: Ask(AT, queue, "Let me see more.")


def _answer(what: str) -> Callable[[StoredCase, Listed], Content]:
    def content(stored: StoredCase, all_: Listed) -> Content:
        return Consent(AT, stored.read(all_[stored.at(all_, WHY)][1]).head, what)

    return content


def _answer_to_nothing(_stored: StoredCase, _all: Listed) -> Content:
    return Consent(AT, Head(bytes(32)), "no")


def _in_the_reporters_name(make: Make) -> Make:
    """The reporter's key in the header; the signature can only be another's."""

    def named(all_: Listed, stored: StoredCase) -> bytes:
        envelope = make(all_, stored)
        return envelope[:43] + stored.rosters[0].signer + envelope[75:]

    return named


@dataclass(frozen=True)
class AskedLie:
    """Told of a history, to its reporter and to the lawyer who asked."""

    name: str
    answer: str
    codes: frozenset[str]
    """Of the alarms: these are among them."""
    change: Change
    missing: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


_GAP: Final = frozenset({"history-gap"})
_TAMPERED: Final = frozenset({"envelope-tampered"})

ASKED_LIES: Final = (
    AskedLie("a question by nobody, with the stolen key", "no", _TAMPERED, added(_forged(_server, _question()))),
    AskedLie("a question in the reporter's name", "no", _TAMPERED,
             added(_in_the_reporters_name(_forged(_server, _question())))),
    AskedLie("a question by an expert who has no part in the case, with it", "no", _TAMPERED,
             added(_forged(_psychologist, _question()))),
    AskedLie("a question for a queue that has the case, by the lawyer turned", "no", _TAMPERED,
             added(_forged(_lawyer, _question(LAWYER)))),
    AskedLie("a question for who was let in already, by the lawyer turned", "all", _TAMPERED,
             added(_forged(_lawyer, _question()))),
    AskedLie("the question changed", "no", _TAMPERED, changed(WHY), (WHY, "no")),
    AskedLie("the question of another case", "no", _TAMPERED,
             in_place_of(WHY, lambda _, s: s.others_envelopes[4]), (WHY, "no")),
    AskedLie("the question withheld", "no", _GAP, without(WHY), (WHY, "no")),
    AskedLie("the question told again after the no", "no", _GAP, told_again(WHY)),
    AskedLie("the no withheld", "no", _GAP, without("no"), ("no",)),
    AskedLie("the no changed", "no", _TAMPERED, changed("no"), ("no",)),
    AskedLie("the no told before the question", "no", _GAP, moved("no", WHY), ("no",)),
    AskedLie("a yes after the no, by nobody", "no", _TAMPERED, added(_forged(_server, _answer(ALL)))),
    AskedLie("a yes after the no, in the reporter's name", "no", _TAMPERED,
             added(_in_the_reporters_name(_forged(_server, _answer(ALL))))),
    AskedLie("a yes after the no, by the lawyer turned", "no", _TAMPERED, added(_forged(_lawyer, _answer(ALL)))),
    AskedLie("a no to another question, by the lawyer turned", "no", _TAMPERED,
             added(_forged(_lawyer, _answer_to_nothing))),
    AskedLie("a yes in the place of the no, by the lawyer turned", "no", _TAMPERED,
             in_place_of("no", _forged(_lawyer, _answer(ALL))), ("no",)),
    AskedLie("the yes of another case", "all", _TAMPERED,
             in_place_of("all", lambda _, s: s.others_envelopes[5]), ("all",)),
    AskedLie("the yes withheld", "all", _GAP, without("all"), ("all",)),
    AskedLie("the yes told twice", "from-here", _GAP, told_again("from-here")),
    AskedLie("the yes told before the question", "all", _GAP, moved("all", WHY), ("all",)),
    AskedLie("a no after the yes, by the lawyer turned", "all", _TAMPERED, added(_forged(_lawyer, _answer("no")))),
    AskedLie("a yes to everything after from-here, by the lawyer turned", "from-here", _TAMPERED,
             added(_forged(_lawyer, _answer(ALL)))),
)  # fmt: skip
