"""Gives a case its next key: for the queues' current epochs, the reporter, and whom the reporter lets in (SPEC 3.4)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lyhty_crypto.cases import current_queues, queue_entry, reporter_entry, sign_roster, wrap_to_queue
from lyhty_crypto.errors import RefusedError
from lyhty_crypto.keys import KEY_BYTES, SigningKey
from lyhty_crypto.randomness import Randomness, draw
from lyhty_crypto.sealing import Sealed, seal
from lyhty_crypto.wrapping import seal_link, wrap_key
from lyhty_wire.contents import ALL, Card, Consent, Turn
from lyhty_wire.directories import Directory
from lyhty_wire.envelopes import HeadSeen
from lyhty_wire.ids import NO_GENERATION, Generation, Head, KemKey, QueueId, commitment, digest
from lyhty_wire.rosters import Roster
from lyhty_wire.wraps import CASE_KEY, NO_LINK, TO_REPORTER, Wrap


@dataclass(frozen=True, slots=True)
class Known:
    """What whoever turns a case must have read of it."""

    roster: Roster
    """Of the last generation."""
    reporter: KemKey
    """From the report."""
    counter: int
    previous_head: Head
    """The end of the own chain."""
    heads: Sequence[HeadSeen]
    """The ends of all others'."""
    case_key: bytes = field(repr=False)
    card_key: bytes | None = field(repr=False, default=None)
    """The reporter has none: the card stays as it is."""


@dataclass(frozen=True, slots=True)
class PreparedTurn:
    """Everything a turn needs, to be sent again verbatim."""

    roster: Roster
    own_wrap: Wrap
    link: bytes
    case_wraps: tuple[Wrap, ...]
    card_wraps: tuple[Wrap, ...]
    message: Sealed
    case_key: bytes = field(repr=False)
    card: Sealed | None = None
    """Of a handover: takes the place of the one there was."""


def prepare_turn(
    author: SigningKey, known: Known, directory: Directory, turn: Turn, randomness: Randomness = draw
) -> PreparedTurn:
    """The same queues at their current epochs. The turn message ends every chain of the generations before."""
    return _prepare(author, known, directory, turn, known.roster.queues, randomness)


def prepare_handover(
    author: SigningKey,
    known: Known,
    directory: Directory,
    consent: Consent,
    queue: QueueId,
    card: Card,
    randomness: Randomness = draw,
) -> PreparedTurn:
    """One queue more, by the reporter's will. From here on: with no way to what was before (SPEC 3.4, 4.7)."""
    card_key = randomness(KEY_BYTES)
    sealed = seal(
        card, card_key, author,
        instance=directory.instance, case=known.roster.case, directory_version=directory.version,
        randomness=randomness,
    )  # fmt: skip
    with_card, queues = replace(known, card_key=card_key), (*known.roster.queues, queue)
    turn = _prepare(author, with_card, directory, consent, queues, randomness)
    return replace(turn, link=turn.link if consent.what == ALL else NO_LINK, card=sealed)


def _prepare(
    author: SigningKey,
    known: Known,
    directory: Directory,
    first: Turn | Consent,
    queues: Sequence[QueueId],
    randomness: Randomness,
) -> PreparedTurn:
    instance, case, before = directory.instance, known.roster.case, known.roster
    own = before.reporter_entry
    if own is None or own.kem_digest != digest(known.reporter) or commitment(known.case_key) != before.commitment:
        raise RefusedError("wrap-tampered", "not the keys that the roster names")
    key, generation = randomness(KEY_BYTES), Generation(before.generation + 1)
    readers = current_queues(directory, queues)
    case_wraps = tuple(wrap_to_queue(key, queue, instance, case, generation) for queue in readers)
    own_wrap = wrap_key(
        key, known.reporter,
        instance=instance, subject=case, kind=CASE_KEY, recipient=TO_REPORTER, generation=generation,
    )  # fmt: skip
    entries = [queue_entry(queue, wrap) for queue, wrap in zip(readers, case_wraps, strict=True)]
    entries.append(reporter_entry(known.reporter, own_wrap.encode()))
    roster = sign_roster(
        author, instance, case, generation, commitment(key), before.commitment, directory.version, entries
    ).verify_next(instance, before, author.public, ())
    card_key = known.card_key
    return PreparedTurn(
        roster=roster,
        own_wrap=own_wrap,
        link=seal_link(known.case_key, key, instance=instance, case=case, generation=generation),
        case_wraps=case_wraps,
        card_wraps=()
        if card_key is None
        else tuple(wrap_to_queue(card_key, queue, instance, case, NO_GENERATION) for queue in readers),
        message=seal(
            first, key, author,
            instance=instance, case=case, directory_version=directory.version, generation=generation,
            counter=known.counter, previous_head=known.previous_head, heads=known.heads, randomness=randomness,
        ),
        case_key=key,
    )  # fmt: skip
