"""Keeps an open case in step with the server: what has arrived, what waits to be said (SPEC 4.3, 6.4).

Envelopes are read in the server's order and messages sealed one at a time, each upon the answer to the one before.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lyhty_client.conversation import HISTORY_GAP, Conversation
from lyhty_client.exchange import Exchange
from lyhty_client.happenings import Done, Failed, Happening, Ticket
from lyhty_crypto.cases import first_words
from lyhty_crypto.errors import CryptoError, HistoryGapError
from lyhty_crypto.passphrase import ReporterKeys
from lyhty_crypto.randomness import Randomness
from lyhty_crypto.turning import PreparedTurn
from lyhty_wire.codes import Code
from lyhty_wire.contents import ALL, Card, Chat, Consent, Helped, Receipt, Report, Turn
from lyhty_wire.directories import Directory
from lyhty_wire.envelopes import decode_header
from lyhty_wire.errors import WireError
from lyhty_wire.ids import Generation
from lyhty_wire.records import Empty, Fetch, Fetched, HandOver, Operation, Put, Sequenced, Stored, TurnKey

FETCH_BYTES: Final = 262_144
# Another device may write, and an expert may give the case another key, between two tries of ours.
MAX_TRIES: Final = 5
_ONE_AT_A_TIME: Final = (
    Operation.RESUME,
    Operation.FETCH,
    Operation.PUT,
    Operation.PUT_LATE,
    Operation.TURN,
    Operation.HAND_OVER,
)


@dataclass(slots=True)
class _Draft:
    ticket: Ticket
    content: Chat | Receipt | Consent | Helped
    at: int
    envelope: bytes | None = None
    tries: int = 0


class Correspondence:
    """The reporter's side of one case, after OPEN or RESUME."""

    def __init__(
        self,
        conversation: Conversation,
        keys: ReporterKeys,
        exchange: Exchange,
        randomness: Randomness,
        learn: Callable[[], None],
        *,
        urgent: bool,
    ) -> None:
        """`learn` asks the server for a newer directory and then for the case's generations; `learned` ends it."""
        self.conversation = conversation
        self.keys = keys
        self.happened: list[Happening] = []
        self.is_closed = False
        self._exchange = exchange
        self._randomness = randomness
        self._learn = learn
        self._urgent = urgent
        self._drafts: deque[_Draft] = deque()
        self._arrived: dict[int, bytes] = {}
        self._is_learning = False
        self._asked_generation = conversation.last_generation
        self._needs_turn = False
        self._turn: PreparedTurn | None = None

    @property
    def waiting(self) -> list[Ticket]:
        return [draft.ticket for draft in self._drafts]

    # --- reading

    def arrive(self, arrived: Sequenced) -> None:
        if self._is_learning:  # fetched again when the keys are here
            return
        last_seq = self.conversation.last_seq
        if arrived.seq == last_seq + 1 and not self._exchange.is_unanswered(Operation.FETCH):
            if not self._asks_first(arrived.envelope):
                self._read(arrived.seq, arrived.envelope)
        elif arrived.seq > last_seq:
            self._arrived[arrived.seq] = arrived.envelope
            self.fetch()
        else:
            self.happened += self.conversation.repeated(arrived.seq, arrived.envelope)

    def fetch(self, before: int = 0) -> None:
        """Everything after the last one read, newest first."""
        if not self._exchange.is_unanswered(Operation.FETCH):
            wanted = Fetch(before, self.conversation.last_seq, FETCH_BYTES).encode()
            self._exchange.ask(Operation.FETCH, lambda _nonce: wanted)

    def fetched(self, fetched: Fetched) -> bool:
        """Whether that was all."""
        if self._is_learning:
            return False
        self._arrived.update({each.seq: each.envelope for each in fetched.envelopes})
        if fetched.more and fetched.envelopes:
            self.fetch(fetched.envelopes[-1].seq)
            return False
        arrived, self._arrived = self._arrived, {}
        for seq in sorted(arrived):
            if seq > self.conversation.last_seq:
                if self._asks_first(arrived[seq]):
                    return False
                self._read(seq, arrived[seq])
        self.happened += self.conversation.whole()
        self.put_next()
        return True

    def _read(self, seq: int, envelope: bytes) -> None:
        self.happened += self.conversation.accept(seq, envelope)

    def _asks_first(self, envelope: bytes) -> bool:
        """For the key of a generation that is news; when that is here, this envelope is fetched again. Asked once."""
        try:
            generation = decode_header(envelope).generation
        except WireError:
            return False
        if generation <= max(self._asked_generation, self.conversation.last_generation):
            return False
        self._start_learning(generation)
        return True

    def _start_learning(self, generation: Generation) -> None:
        self._asked_generation = max(generation, self._asked_generation)
        if not self._is_learning:
            self._is_learning = True
            self._arrived.clear()
            self._learn()

    def learned(self) -> None:
        """The generations are those of the server now."""
        self._is_learning = False

    # --- writing

    def write(self, ticket: Ticket, content: Chat | Receipt | Consent | Helped) -> None:
        self._drafts.append(_Draft(ticket, content, content.at))
        self.put_next()

    def put_next(self) -> None:
        """The oldest draft, when nothing is under way and nothing older is still to be read."""
        if not self._drafts or self._needs_turn or self._is_learning:
            return
        if any(map(self._exchange.is_unanswered, _ONE_AT_A_TIME)):
            return
        draft = self._drafts[0]
        if isinstance(draft.content, Receipt) and draft.envelope is None and not self._owes_receipt:
            # SPEC 4.5: another message, or another device, has said it meanwhile.
            self.happened.append(Done(self._drafts.popleft().ticket))
            self.put_next()
            return
        if isinstance(draft.content, Consent) and draft.content.is_yes:
            self._hand_over(draft.content)
            return
        try:
            draft.envelope = draft.envelope or self._seal(draft.content)
        except (WireError, CryptoError) as error:
            self.fail_draft(error.code)
            return
        put = Put(draft.envelope).encode()
        # SPEC 4.8, 6.4: whether it helped is all that a closed case takes.
        is_late = self.is_closed and isinstance(draft.content, Helped)
        self._exchange.ask(Operation.PUT_LATE if is_late else Operation.PUT, lambda _nonce: put)

    @property
    def _owes_receipt(self) -> bool:
        return self.conversation.receipt_owed(self.keys.sign.public, on_screen=True) is not None

    def _seal(self, content: Chat | Receipt | Consent | Helped) -> bytes:
        return self.conversation.seal(content, self.keys.sign, self._randomness).envelope

    def stored(self, stored: Stored) -> None:
        draft = self._drafts.popleft()
        assert draft.envelope is not None
        alarms = self.conversation.stored(stored.seq, draft.envelope)
        if alarms:
            self.happened += [*alarms, Failed(draft.ticket, HISTORY_GAP)]
            self.put_next()
            return
        self.arrive(Sequenced(stored.seq, draft.envelope))
        self.happened.append(Done(draft.ticket))
        self.put_next()

    def _hand_over(self, consent: Consent) -> None:
        """SPEC 4.7: the yes is the first message that the new queue can read."""
        asked = next((each for each in self.conversation.questions() if each.head == consent.asked), None)
        if asked is None:
            self.fail_draft(HISTORY_GAP)
            return
        try:
            card = self._card(consent.what, asked.ask.text)
            turn = self.conversation.prepare_handover(
                self.keys.sign, self.keys.kem.public, consent, asked.ask.queue, card, self._randomness
            )
        except (WireError, CryptoError) as error:
            self.fail_draft(error.code)
            return
        self._turn = turn
        card_wraps = tuple(wrap.encode() for wrap in turn.card_wraps)
        assert turn.card is not None
        body = HandOver(self._body(turn), card_wraps, turn.card.envelope).encode()
        self._exchange.ask(Operation.HAND_OVER, lambda _nonce: body)

    def _card(self, what: str, why: str) -> Card:
        """What the new queue finds in its list. From here on: nothing that the reporter wrote before."""
        report = next((one.content for one in self.conversation.messages if isinstance(one.content, Report)), None)
        if report is None:
            raise HistoryGapError("a case without its report")
        return Card(
            at=report.at,
            commitment=self.conversation.opening.commitment,
            first_words=first_words(report.text if what == ALL else why),
            language=report.language,
            services=report.services if what == ALL else (),
            urgent=self._urgent,
            topic=report.topic,
            role=report.role,
            age=report.age,
        )

    def handed_over(self, stored: Stored) -> None:
        if self._took(stored):
            self.happened.append(Done(self._drafts.popleft().ticket))
        self.put_next()

    def put_refused(self, code: str) -> None:
        """Of the message, or of the turn before it: what was not stored may become another object."""
        draft = self._drafts[0]
        self._turn = None
        draft.envelope = None
        draft.tries += 1
        if draft.tries >= MAX_TRIES:
            self.fail_draft(code)
            return
        match code:
            case Code.EPOCH_STALE.text:  # SPEC 6.4: verify the newer directory, then TURN
                self._needs_turn = True
                self._exchange.ask(Operation.TRUST, lambda _nonce: Empty().encode())
            case Code.GENERATION_STALE.text:  # SPEC 4.3: an expert has turned the case
                self._needs_turn = False
                self._start_learning(self.conversation.last_generation)
            case Code.COUNTER_CONFLICT.text | Code.CASE_CHANGED.text:  # written elsewhere: this one comes after that
                self._needs_turn = False
                self.fetch()
            case _:
                self.fail_draft(code)

    def fail_draft(self, code: str) -> None:
        self._needs_turn = False
        self._turn = None
        self.happened.append(Failed(self._drafts.popleft().ticket, code))
        self.put_next()

    # --- newer keys

    def trust(self, directory: Directory) -> None:
        self.conversation.directory = directory
        if not self._needs_turn or self._exchange.is_unanswered(Operation.TURN):
            return
        draft = self._drafts[0]
        try:
            turn = self.conversation.prepare_turn(
                self.keys.sign, self.keys.kem.public, Turn(draft.at, "schedule"), randomness=self._randomness
            )
        except (WireError, CryptoError) as error:
            self.fail_draft(error.code)
            return
        self._turn = turn
        body = self._body(turn).encode()
        self._exchange.ask(Operation.TURN, lambda _nonce: body)

    def _body(self, turn: PreparedTurn) -> TurnKey:
        return TurnKey(
            last_seq=self.conversation.last_seq,
            roster=turn.roster.encode(),
            own_wrap=turn.own_wrap.encode(),
            link=turn.link,
            wraps=tuple(wrap.encode() for wrap in turn.case_wraps),
            envelope=turn.message.envelope,
        )

    def turned(self, stored: Stored) -> None:
        self._took(stored)
        self.put_next()

    def _took(self, stored: Stored) -> bool:
        """Whether the case has its next key: as for every message, not under the number of another (SPEC 4.3)."""
        turn, self._turn = self._turn, None
        assert turn is not None
        self._needs_turn = False
        alarms = self.conversation.stored(stored.seq, turn.message.envelope)
        if alarms:
            self.happened += [*alarms, Failed(self._drafts.popleft().ticket, HISTORY_GAP)]
            return False
        self.conversation.add_generation(turn.roster.encode(), lambda _roster: turn.case_key, turn.link)
        self.arrive(Sequenced(stored.seq, turn.message.envelope))
        return True
