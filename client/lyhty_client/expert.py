"""An expert at the desk: signing in, reading cards, holding a case and answering (SPEC 2.3, 4, 9).

Everything that opens or seals is a function of values; `ExpertDesk` makes the calls around it.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from msgspec.structs import replace

from lyhty_client.clock import Clock, system_clock
from lyhty_client.conversation import HISTORY_GAP, Conversation, Message, Read
from lyhty_client.desk import Desk
from lyhty_client.errors import ConnectionLostError, ForgottenError, RefusedError
from lyhty_client.signing_in import Entry, prove
from lyhty_crypto.audit import Author, BrokenLogError, OwnChain
from lyhty_crypto.errors import CryptoError, TamperedError
from lyhty_crypto.experts import ExpertKeys, Unlocked, open_key_blob, parse_device_secret, stretch, unlock
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.randomness import Randomness, draw
from lyhty_crypto.sealing import open_envelope, urgent_agrees
from lyhty_crypto.wrapping import unwrap_key
from lyhty_wire.accounts import account_name
from lyhty_wire.audit import Entry as AuditEntry
from lyhty_wire.audit import Kind
from lyhty_wire.codes import Code
from lyhty_wire.contents import Answer, AnswerPart, Ask, Card, CaseOpened, Chat, Receipt, Report, Turn, Wordless
from lyhty_wire.desk import Challenge, ForTurn, OpenedPlace, Place, Snooze
from lyhty_wire.directories import Directory, TrustBundle
from lyhty_wire.encoding import b64decode
from lyhty_wire.envelopes import decode_header
from lyhty_wire.errors import ForgedError, WireError
from lyhty_wire.ids import CaseId, Epoch, ExpertId, InstanceId, QueueId, SignKey, digest
from lyhty_wire.rosters import Roster
from lyhty_wire.wraps import CARD_KEY, CASE_KEY, DIRECTORY_SEED, LINK_BYTES, NO_LINK, QUEUE_SEED, Wrap

# Others may write, and give a case its next key, between two tries of ours.
MAX_TRIES: Final = 5
_READ_AGAIN: Final = frozenset(
    code.text for code in (Code.CASE_CHANGED, Code.COUNTER_CONFLICT, Code.GENERATION_STALE, Code.EPOCH_STALE)
)

QueueKeys = dict[tuple[QueueId, Epoch], KemKeyPair]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an expert types and what the device holds."""

    name: str
    password: str = field(repr=False)
    device_secret: bytes = field(repr=False)

    @classmethod
    def typed(cls, name: str, password: str, device: str | None) -> "Credentials":
        if not device:
            raise ForgottenError("device-secret-missing")
        return cls(account_name(name), password, parse_device_secret(device))

    def unlock(self, salt: bytes, m_kib: int, t: int, p: int, instance: InstanceId) -> Unlocked:
        """Slow. Refuses parameters below the floor (SPEC 2.3)."""
        return unlock(stretch(self.password, salt, m_kib, t, p), self.device_secret, instance)


@dataclass(frozen=True, slots=True)
class Expertise:
    """Who has signed in, with the keys they answer and read with."""

    id: ExpertId
    keys: ExpertKeys = field(repr=False)
    queue_keys: QueueKeys = field(repr=False)
    directory: Directory
    directory_key: SigningKey | None = field(repr=False, default=None)
    """Coordinators have it."""
    chain: OwnChain = field(default_factory=OwnChain)
    """Where their own entries of the audit log end."""

    def entry(
        self, kind: Kind, subject: bytes, now_s: int, *, directory_version: int | None = None, length: int = 0
    ) -> AuditEntry:
        """What they sign of an act (SPEC 9.10)."""
        version = self.directory.version if directory_version is None else directory_version
        author = Author(self.directory.instance, self.id, self.keys.sign, version)
        return author.entry(self.chain, kind, subject, now_s, length=length)

    def after(self, entry: AuditEntry) -> "Expertise":
        """It is stored."""
        return dataclasses.replace(self, chain=OwnChain.after(entry))

    @property
    def queues(self) -> tuple[QueueId, ...]:
        return tuple(sorted({queue for queue, _ in self.queue_keys}))

    def profession(self, queue: QueueId) -> str:
        found = self.directory.queue(queue)
        if found is None:
            raise RefusedError(Code.QUEUE_UNKNOWN.text)
        return found.profession


def take_keys(
    expert: ExpertId, blob: bytes, wraps: Sequence[bytes], unlocked: Unlocked, directory: Directory
) -> Expertise:
    """What the server kept sealed, checked against the directory.

    Raises:
        WireError, CryptoError: a key does not open, or is not the one the directory names.
    """
    keys = open_key_blob(blob, unlocked, directory.instance, expert)
    listed = directory.expert(expert)
    if listed is None or (listed.sign, listed.kem) != (keys.sign.public, keys.kem.public):
        raise ForgedError("directory-forged", "the directory names other keys for this expert")
    return take_seeds(expert, keys, wraps, directory)


def take_seeds(expert: ExpertId, keys: ExpertKeys, wraps: Sequence[bytes], directory: Directory) -> Expertise:
    """What is sealed for an expert whose keys the directory names."""
    queue_keys: QueueKeys = {}
    directory_key = None
    for encoded in wraps:
        wrap = Wrap.decode(encoded)
        if wrap.kind not in (QUEUE_SEED, DIRECTORY_SEED):
            raise TamperedError("wrap-tampered", "not a seed")
        seed = unwrap_key(wrap, keys.kem, instance=directory.instance, subject=keys.sign.public)
        if wrap.kind == DIRECTORY_SEED:
            directory_key = SigningKey(seed)
            if directory_key.public not in directory.root.body.directory_keys:
                raise ForgedError("directory-forged", "the root names other directory keys")
            continue
        queue, pair = directory.queue(wrap.queue), KemKeyPair(seed)
        epoch = None if queue is None else queue.epoch(wrap.epoch)
        if epoch is None:  # no cases are left for an epoch that is not listed
            continue
        if epoch.kem != pair.public:
            raise ForgedError("directory-forged", "the directory names another key for this queue")
        queue_keys[wrap.queue, wrap.epoch] = pair
    return Expertise(expert, keys, queue_keys, directory, directory_key)


@dataclass(frozen=True, slots=True)
class QueuedCase:
    """A row of the queue: the card if it holds, else the code of what is wrong with it."""

    place: Place
    card: Card | None
    alarm: str | None


def read_card(place: Place, expertise: Expertise) -> QueuedCase:
    try:
        key = _card_key(place.card_wrap, place.case_id, place.queue_id, expertise)
        opened = open_envelope(b64decode(place.card), key, instance=expertise.directory.instance, case=place.case_id)
    except (WireError, CryptoError) as error:
        return QueuedCase(place, None, error.code)
    assert isinstance(opened.content, Card)
    alarm = None if urgent_agrees(opened, place.urgent) else "urgent-mismatch"
    return QueuedCase(place, opened.content, alarm)


class HeldCase:
    """A case in an expert's hands."""

    def __init__(self, opened: OpenedPlace, expertise: Expertise) -> None:
        """
        Raises:
            WireError, CryptoError: rosters or wraps do not hold, or there is no key to the newest generation; nothing
                of the case can be believed.
        """
        self.place = opened.place
        reporter = SignKey(b64decode(opened.sign_pk, 32))
        self.conversation = Conversation(opened.place.case_id, reporter, expertise.directory, opened.place.queue_id)
        self.learn(opened, expertise)

    def learn(self, opened: OpenedPlace, expertise: Expertise) -> None:
        """The generations as the server has them now. Raises as above."""
        self._expertise = expertise
        _learn(self.conversation, opened, self.place.queue_id, expertise)

    def knows(self, envelope: bytes) -> bool:
        """False for one of a generation whose roster is not here yet."""
        try:
            return decode_header(envelope).generation <= self.conversation.last_generation
        except WireError:  # nothing that a roster could help with
            return True

    def accept(self, seq: int, envelope: bytes) -> list[Read]:
        """
        Raises:
            ForgedError: the report names another key than the roster, so somebody else would get new case keys.
        """
        read = self.conversation.accept(seq, envelope)
        entry = self.conversation.opening.reporter_entry
        reports = [one.content for one in read if isinstance(one, Message) and isinstance(one.content, Report)]
        if any(entry is None or entry.kem_digest != digest(report.kem) for report in reports):  # SPEC 4.4
            raise ForgedError("envelope-tampered", "another kem key than in the roster")
        return read

    def seal(self, content: Answer | Chat | Ask | Wordless, randomness: Randomness = draw) -> bytes:
        return self.conversation.seal(content, self._expertise.keys.sign, randomness).envelope


def _learn(conversation: Conversation, given: OpenedPlace | ForTurn, queue: QueueId, expertise: Expertise) -> None:
    """The rosters, and the keys that wraps to `queue` and links from newer keys lead to."""
    conversation.directory = expertise.directory
    if not given.rosters or len(given.rosters) != len(given.links):
        raise TamperedError("wrap-tampered", "a case without a roster, or with links of another one")
    wraps = [Wrap.decode(b64decode(wrap)) for wrap in given.wraps]
    for roster, link in zip(given.rosters, given.links, strict=True):
        conversation.add_generation(
            b64decode(roster),
            lambda verified: _named_key(verified, wraps, queue, expertise),
            NO_LINK if link is None else b64decode(link, LINK_BYTES),
        )
    _ = conversation.newest  # raises when there is no key to write with


def _named_key(roster: Roster, wraps: Sequence[Wrap], queue: QueueId, expertise: Expertise) -> bytes | None:
    """From the wrap to the queue that the roster names. Without one, the generation is not for this queue."""
    named = {entry.wrap_digest for entry in roster.queue_entries if entry.queue == queue}
    key = None
    for wrap in wraps:
        if wrap.generation == roster.generation:
            if wrap.kind != CASE_KEY or wrap.digest() not in named:
                raise TamperedError("wrap-tampered", "a wrap that the roster does not name")
            key = _unwrap(wrap, roster.case, expertise)
    return key


def _card_key(card_wrap: str, case: CaseId, queue: QueueId, expertise: Expertise) -> bytes:
    wrap = Wrap.decode(b64decode(card_wrap))
    if (wrap.kind, wrap.queue) != (CARD_KEY, queue):
        raise TamperedError("wrap-tampered", "not the card's wrap to this queue")
    return _unwrap(wrap, case, expertise)


def _unwrap(wrap: Wrap, case: CaseId, expertise: Expertise) -> bytes:
    pair = expertise.queue_keys.get((wrap.queue, wrap.epoch))
    if pair is None:
        raise TamperedError("wrap-tampered", "for an epoch this expert has no key of")
    return unwrap_key(wrap, pair, instance=expertise.directory.instance, subject=case)


class ExpertDesk:
    """Calls and rules together: what the console does, for a program."""

    def __init__(
        self, desk: Desk, expertise: Expertise, *, clock: Clock = system_clock, randomness: Randomness = draw
    ) -> None:
        self.desk = desk
        self.expertise = expertise
        self._clock = clock
        self._randomness = randomness

    @classmethod
    async def sign_in(
        cls,
        desk: Desk,
        credentials: Credentials,
        directory: Directory,
        *,
        clock: Clock = system_clock,
        randomness: Randomness = draw,
        on_work: Callable[[], None] = lambda: None,
    ) -> "ExpertDesk":
        """`on_work` is told when signing in takes longer, because somebody has failed to under this name.

        Raises:
            ClientError, WireError, CryptoError: the server or a key says no.
        """

        def unlock(asked: Challenge) -> Unlocked:
            return credentials.unlock(b64decode(asked.salt), asked.m_kib, asked.t, asked.p, directory.instance)

        signed_in, unlocked = await prove(desk, Entry(credentials.name, directory.instance, unlock, on_work))
        wraps = [b64decode(wrap) for wrap in signed_in.queue_wraps]
        expert = ExpertId(b64decode(signed_in.expert, 16))
        expertise = take_keys(expert, b64decode(signed_in.keys), wraps, unlocked, directory)
        made = cls(desk, expertise, clock=clock, randomness=randomness)
        await made.read_chain()
        return made

    async def read_chain(self) -> None:
        """Where our own entries end: another device of ours may have added some (SPEC 9.10).

        Raises:
            BrokenLogError: the server hands out none of ours, or fewer than it had.
        """
        encoded = await self.desk.own_entry()
        last = None if encoded is None else AuditEntry.decode(encoded)
        if last is not None:
            if (last.instance, last.author) != (self.expertise.directory.instance, self.expertise.id):
                raise BrokenLogError("stranger", 0)
            last.verify(self.expertise.keys.sign.public)
        chain, known = OwnChain.after(last), self.expertise.chain
        if chain.counter < known.counter or (chain.counter == known.counter and chain != known):
            raise BrokenLogError("shorter", 0)
        self.expertise = dataclasses.replace(self.expertise, chain=chain)

    async def renew(self, directory: Directory) -> None:
        """Goes on with a newer, verified directory and the seeds that came with it."""
        wraps = [b64decode(wrap) for wrap in (await self.desk.own_wraps()).queue_wraps]
        listed, keys = directory.expert(self.expertise.id), self.expertise.keys
        if listed is None or (listed.sign, listed.kem) != (keys.sign.public, keys.kem.public):
            raise ForgedError("directory-forged", "the directory names other keys for this expert")
        renewed = take_seeds(self.expertise.id, keys, wraps, directory)
        self.expertise = dataclasses.replace(renewed, chain=self.expertise.chain)

    async def inbox(self, queue: QueueId) -> list[QueuedCase]:
        """Waiting and held cases of a queue, urgent first, oldest next."""
        await self.refresh()
        rows: list[QueuedCase] = []
        after: str | None = None
        while True:
            page = await self.desk.queue(queue, after)
            rows += [read_card(place, self.expertise) for place in page.cases]
            after = page.next
            if after is None:
                return rows

    async def claim(self, case: CaseId, queue: QueueId) -> HeldCase:
        """Takes the case and reads it. Its reporter is told before anybody sees it."""
        return await self._read(await self.desk.claim(case, queue), case, queue)

    async def reopen(self, case: CaseId, queue: QueueId) -> HeldCase:
        """Takes back what one has closed, and reads it."""
        return await self._read(await self.desk.reopen(case, queue), case, queue)

    async def snooze(self, held: HeldCase, until: int) -> Place:
        """Puts it aside until that time, or until something comes after what has been read."""
        snooze = Snooze(until, held.conversation.last_seq)
        return await self.desk.snooze(held.place.case_id, held.place.queue_id, snooze)

    async def read(self, case: CaseId, queue: QueueId) -> HeldCase:
        """A case that is held already, or that one has closed."""
        return await self._read(await self.desk.opened(case, queue), case, queue)

    @property
    def now_s(self) -> int:
        return self._clock()

    async def refresh(self) -> None:
        """Goes on with the newest directory, and the seeds that came with it."""
        known = self.expertise.directory
        at_least = known.version, known.root.body.version  # SPEC 5.3
        directory = TrustBundle.decode(await self.desk.trust()).verify(known.instance, self._clock(), *at_least)
        if directory.version > known.version:
            await self.renew(directory)

    async def turn(self, case: CaseId, queue: QueueId, reason: str) -> None:
        """Gives a case its next key, over everything that is written in it by then (SPEC 3.4).

        Raises:
            ClientError, WireError, CryptoError: `case-not-held` also when somebody else has done it.
        """
        for tries in count(1):
            try:
                return await self._turn_once(case, queue, reason)
            except RefusedError as error:
                if error.code not in _READ_AGAIN or tries == MAX_TRIES:
                    raise
                await self.refresh()
        raise AssertionError("the last try returns or raises")

    async def _turn_once(self, case: CaseId, queue: QueueId, reason: str) -> None:
        given = await self.desk.for_turn(case, queue)
        conversation = Conversation(case, SignKey(b64decode(given.sign_pk, 32)), self.expertise.directory, queue)
        _learn(conversation, given, queue, self.expertise)
        more = True
        while more:
            before = conversation.last_seq
            page = await self.desk.envelopes_for_turn(case, queue, before)
            for each in page.envelopes:
                conversation.accept(each.seq, b64decode(each.envelope))
            more = page.more and conversation.last_seq > before
        prepared = conversation.prepare_turn(
            self.expertise.keys.sign,
            conversation.reporter_kem,
            Turn(self._clock(), reason),
            card_key=_card_key(given.card_wrap, case, queue, self.expertise),
            randomness=self._randomness,
        )
        # SPEC 3.4: stored after all that was read, or not at all.
        if await self.desk.turn(case, queue, conversation.last_seq, prepared) != conversation.last_seq + 1:
            raise RefusedError(HISTORY_GAP, "the server says that it stored this as something else")

    async def catch_up(self, held: HeldCase) -> list[Read]:
        """What has come since."""
        fresh: list[Read] = []
        while True:
            page = await self.desk.envelopes(held.place.case_id, held.conversation.last_seq)
            before = held.conversation.last_seq
            for each in page.envelopes:
                if each.seq > before:
                    envelope = b64decode(each.envelope)
                    if not held.knows(envelope):
                        await self._learn_again(held)
                    fresh += held.accept(each.seq, envelope)
            if not page.more or held.conversation.last_seq == before:
                return fresh

    async def answer(
        self, held: HeldCase, parts: Sequence[AnswerPart], *, plain: Sequence[str] = (), ticks: Sequence[str] = ()
    ) -> int:
        """A structured answer; its `seq`."""
        profession = self.expertise.profession(held.place.queue_id)
        return await self._put(held, Answer(self._clock(), tuple(parts), profession, tuple(plain), tuple(ticks)))

    async def chat(self, held: HeldCase, text: str) -> int:
        return await self._put(held, Chat(self._clock(), text))

    async def ask_handover(self, held: HeldCase, queue: QueueId, why: str) -> int:
        """Asks the reporter whether another queue may help: nothing travels before they say yes (SPEC 4.7)."""
        return await self._put(held, Ask(self._clock(), queue, why))

    async def acknowledge(self, held: HeldCase) -> int | None:
        """Says that everything read so far has been shown, unless that is said already. SPEC 4.5"""
        own = self.expertise.keys.sign.public
        if held.conversation.receipt_owed(own, on_screen=True) is None:
            return None
        return await self._put(held, Receipt(self._clock(), read=True))

    async def record_opening(self, held: HeldCase) -> int | None:
        """Says that the case is shown now, unless that is said already for this hour. SPEC 4.6"""
        own, queue, now = self.expertise.keys.sign.public, held.place.queue_id, self._clock()
        if held.conversation.has_opened(own, queue, now):
            return None
        return await self._put(held, CaseOpened(now, queue))

    async def close(self, case: CaseId, queue: QueueId) -> Place:
        return await self.desk.close(case, queue)

    async def release(self, case: CaseId, queue: QueueId) -> Place:
        return await self.desk.release(case, queue)

    async def _read(self, opened: OpenedPlace, case: CaseId, queue: QueueId) -> HeldCase:
        if (opened.place.case_id, opened.place.queue_id) != (case, queue):
            raise ForgedError("wrap-tampered", "another place than was asked for")
        try:
            held = HeldCase(opened, self.expertise)
        except (TamperedError, ForgedError):  # perhaps of an epoch, or by a coordinator, newer than our sign-in
            await self.refresh()
            held = HeldCase(opened, self.expertise)
        await self.catch_up(held)
        # Without its beginning there is no chain to go on from.
        is_whole = not held.conversation.whole()
        if is_whole and held.place.state != "closed":  # SPEC 4.6: a closed case takes no messages, openings neither
            await self.record_opening(held)
        return held

    async def _put(self, held: HeldCase, content: Answer | Chat | Ask | Wordless) -> int:
        """Sealed anew if another window was faster, or the case has, or needs, another key."""
        # SPEC 9.5: the first words, and nothing after them, keep the promise.
        answers = None if held.place.answered or isinstance(content, Wordless | Ask) else held.place.queue_id
        for tries in count(1):
            try:
                return await self._put_once(held, content, answers)
            except RefusedError as error:
                match error.code:
                    case _ if tries == MAX_TRIES:
                        raise
                    case Code.COUNTER_CONFLICT.text:
                        await self.read_chain()
                    case Code.DIRECTORY_OUTDATED.text:
                        await self.refresh()
                    case Code.GENERATION_STALE.text:
                        await self._learn_again(held)
                    case Code.EPOCH_STALE.text:
                        await self.refresh()
                        await self.turn(held.place.case_id, held.place.queue_id, "schedule")
                        await self._learn_again(held)
                    case _:
                        raise
            await self.catch_up(held)
        raise AssertionError("the last try returns or raises")

    async def _learn_again(self, held: HeldCase) -> None:
        await self.refresh()
        held.learn(await self.desk.opened(held.place.case_id, held.place.queue_id), self.expertise)

    async def _put_once(self, held: HeldCase, content: Answer | Chat | Ask | Wordless, answers: QueueId | None) -> int:
        envelope, entry = held.seal(content, self._randomness), None
        if isinstance(content, CaseOpened | Ask):  # SPEC 9.10
            kind = Kind.OPENING if isinstance(content, CaseOpened) else Kind.HANDOVER
            entry = self.expertise.entry(kind, digest(envelope), self._clock())
        try:
            seq = await self.desk.put(held.place.case_id, envelope, answers, entry)
        except ConnectionLostError:  # nobody knows whether it arrived: the same bytes again do no harm
            seq = await self.desk.put(held.place.case_id, envelope, answers, entry)
        if entry is not None:
            self.expertise = self.expertise.after(entry)
        conversation = held.conversation
        if seq == conversation.last_seq + 1:
            held.accept(seq, envelope)
        elif not conversation.stored(seq, envelope):
            await self.catch_up(held)
        if not conversation.has(seq, envelope):
            raise RefusedError(HISTORY_GAP, "the server says that it stored this as something else")
        if answers is not None:
            held.place = replace(held.place, answered=True)
        return seq
