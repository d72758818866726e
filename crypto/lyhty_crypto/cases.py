"""Opens a case: makes its key, seals card and report, wraps the keys and signs the roster (SPEC 3, 4, 6.4)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from msgspec import structs

from lyhty_crypto.errors import RefusedError
from lyhty_crypto.keys import KEY_BYTES, SigningKey
from lyhty_crypto.passphrase import ReporterKeys
from lyhty_crypto.randomness import Randomness, draw
from lyhty_crypto.sealing import Sealed, seal
from lyhty_crypto.wrapping import self_wrap, wrap_key
from lyhty_wire.contents import MAX_FIRST_WORDS_BYTES, Card, Report, check_texts
from lyhty_wire.directories import Directory, Queue
from lyhty_wire.ids import (
    NO_EPOCH,
    NO_GENERATION,
    NO_HASH,
    NO_QUEUE,
    CaseId,
    Commitment,
    Generation,
    InstanceId,
    KemKey,
    QueueId,
    case_id,
    commitment,
    digest,
)
from lyhty_wire.proofs import to_prove_open
from lyhty_wire.records import Open
from lyhty_wire.rosters import Roster, RosterEntry, UntrustedRoster
from lyhty_wire.work import Work
from lyhty_wire.wraps import CARD_KEY, CASE_KEY, TO_QUEUE, TO_REPORTER, Wrap

_FIRST: Final = Generation(1)
_NO_SIGNATURE: Final = bytes(64)


@dataclass(frozen=True, slots=True)
class PreparedCase:
    """Everything OPEN needs but proof and work, which are made for a channel. Kept and sent again verbatim."""

    case_salt: bytes
    roster: Roster
    self_wrap: bytes
    case_wraps: tuple[Wrap, ...]
    card_wraps: tuple[Wrap, ...]
    card: Sealed
    report: Sealed
    case_key: bytes = field(repr=False)

    @property
    def case(self) -> CaseId:
        return self.roster.case

    def prove(self, auth: SigningKey, nonce: bytes, work: Work) -> Open:
        """The operation for the channel that said `nonce`, with the work found for this case."""
        unproved = Open(
            work=work,
            auth_pk=auth.public,
            proof=_NO_SIGNATURE,
            case_salt=self.case_salt,
            roster=self.roster.encode(),
            self_wrap=self.self_wrap,
            case_wraps=tuple(wrap.encode() for wrap in self.case_wraps),
            card_wraps=tuple(wrap.encode() for wrap in self.card_wraps),
            card=self.card.envelope,
            report=self.report.envelope,
        )
        proof = auth.sign(to_prove_open(self.roster.instance, nonce, unproved.after_proof()))
        return structs.replace(unproved, proof=proof)


def open_case(
    keys: ReporterKeys,
    directory: Directory,
    queues: Sequence[QueueId],
    report: Report,
    *,
    urgent: bool,
    randomness: Randomness = draw,
) -> PreparedCase:
    """Seals a report for the current epochs of `queues`. The card is made of the report's own fields."""
    check_texts(report)
    instance = directory.instance
    case_key, card_key = randomness(KEY_BYTES), randomness(KEY_BYTES)
    key_commitment = commitment(case_key)
    case = case_id(keys.sign.public, key_commitment)
    readers = current_queues(directory, queues)
    case_wraps = tuple(wrap_to_queue(case_key, queue, instance, case, _FIRST) for queue in readers)
    card_wraps = tuple(wrap_to_queue(card_key, queue, instance, case, NO_GENERATION) for queue in readers)
    own = self_wrap(case_key, keys.wrap, instance=instance, case=case, generation=_FIRST)
    entries = [queue_entry(queue, wrap) for queue, wrap in zip(readers, case_wraps, strict=True)]
    entries.append(reporter_entry(keys.kem.public, own))
    roster = sign_roster(
        keys.sign, instance, case, _FIRST, key_commitment, Commitment(NO_HASH), directory.version, entries
    ).verify_opening(instance, case)
    card = Card(
        at=report.at,
        commitment=key_commitment,
        first_words=first_words(report.text),
        language=report.language,
        services=report.services,
        urgent=urgent,
        topic=report.topic,
        role=report.role,
        age=report.age,
    )
    return PreparedCase(
        case_salt=keys.case_salt,
        roster=roster,
        self_wrap=own,
        case_wraps=case_wraps,
        card_wraps=card_wraps,
        card=seal(
            card, card_key, keys.sign,
            instance=instance, case=case, directory_version=directory.version, randomness=randomness,
        ),
        report=seal(
            replace(report, kem=keys.kem.public), case_key, keys.sign,
            instance=instance, case=case, directory_version=directory.version,
            generation=_FIRST, counter=1, randomness=randomness,
        ),
        case_key=case_key,
    )  # fmt: skip


def sign_roster(
    signer: SigningKey,
    instance: InstanceId,
    case: CaseId,
    generation: Generation,
    key_commitment: Commitment,
    previous: Commitment,
    directory_version: int,
    entries: Sequence[RosterEntry],
) -> UntrustedRoster:
    ordered = tuple(sorted(entries, key=lambda entry: entry.place))
    unsigned = UntrustedRoster(
        instance, case, generation, key_commitment, previous, directory_version, ordered, signer.public, _NO_SIGNATURE
    )
    return structs.replace(unsigned, signature=signer.sign(unsigned.to_sign()))


def first_words(text: str) -> str:
    """The beginning of a text for the card: white space in one line, whole code points, at most 280 bytes as JSON."""
    line = " ".join(text.split())
    words = line
    while len(json.dumps(words, ensure_ascii=False).encode("utf-8")) - 2 > MAX_FIRST_WORDS_BYTES:
        words = words[: min(len(words) - 1, MAX_FIRST_WORDS_BYTES)]
    return words or "-"


def current_queues(directory: Directory, queues: Sequence[QueueId]) -> list[Queue]:
    """The queues by number, each once."""
    found = [directory.queue(queue) for queue in sorted(set(queues))]
    readers = [queue for queue in found if queue is not None]
    if not readers or len(readers) != len(found):
        raise RefusedError("queue-unknown", "the directory does not have the queue")
    return readers


def wrap_to_queue(key: bytes, queue: Queue, instance: InstanceId, case: CaseId, generation: Generation) -> Wrap:
    """A case key, or without generation a card key."""
    return wrap_key(
        key,
        queue.current.kem,
        instance=instance,
        subject=case,
        kind=CARD_KEY if generation == NO_GENERATION else CASE_KEY,
        recipient=TO_QUEUE,
        queue=queue.id,
        epoch=queue.current.epoch,
        generation=generation,
    )


def queue_entry(queue: Queue, wrap: Wrap) -> RosterEntry:
    return RosterEntry(TO_QUEUE, queue.id, queue.current.epoch, digest(queue.current.kem), wrap.digest())


def reporter_entry(kem: KemKey, own: bytes) -> RosterEntry:
    return RosterEntry(TO_REPORTER, NO_QUEUE, NO_EPOCH, digest(kem), digest(own))
