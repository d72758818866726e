"""A reporter's session: what may be sent when, what is believed, and what the person is told (SPEC 5, 6).

No sockets and no clock: frames, `now` and randomness come in; frames and happenings come out. Whoever calls it keeps
three promises: `connected` for every new socket, every down frame to `receive`, every up frame from `next_frame`.
"""

from collections.abc import Sequence
from typing import Final

from lyhty_client.conversation import Conversation, Question
from lyhty_client.correspondence import Correspondence
from lyhty_client.errors import ClientError, ConnectionLostError, ForgottenError, UntrustedError
from lyhty_client.exchange import Answer, Asked, Exchange, Ready
from lyhty_client.happenings import CaseChanged, ClockOff, Done, Failed, Happening, Stopped, Ticket, Trusted
from lyhty_client.opening import Opening
from lyhty_client.own_wraps import unwrap_own
from lyhty_client.slips import Slips
from lyhty_crypto.errors import CryptoError
from lyhty_crypto.keys import SigningKey
from lyhty_crypto.passphrase import ReporterKeys, auth_key, reporter_keys
from lyhty_crypto.randomness import Randomness, draw
from lyhty_wire.codes import Code
from lyhty_wire.contents import FROM_HERE, Chat, Consent, Helped, Receipt, Report, encode_content
from lyhty_wire.directories import Directory, TrustBundle
from lyhty_wire.envelopes import decode_header
from lyhty_wire.errors import ForgedError, WireError
from lyhty_wire.ids import InstanceId, KemKey, QueueId, RoomId
from lyhty_wire.proofs import to_prove_erase, to_prove_resume
from lyhty_wire.records import (
    CaseState,
    DownRecord,
    Empty,
    Erase,
    Event,
    Fetched,
    Hello,
    Kind,
    Operation,
    PlaceState,
    Resume,
    Resumed,
    Sequenced,
    State,
    Stored,
)
from lyhty_wire.work import Search, Terms, Work

CLOCK_WARNING_S: Final = 30 * 60
NO_KEM: Final = KemKey(b"")  # in a report before its case has keys

# The server could not do it this time; nobody is wrong, and nothing was stored.
_PASSING: Final = frozenset((Code.BUSY.text, Code.STORAGE_FAILED.text, Code.INTERNAL.text))
# Erased, here or from another device: whoever asked for that has got it.
_GONE: Final = frozenset((Code.MAILBOX_UNKNOWN.text, Code.CASE_ERASED.text))
_OF_THE_CASE: Final = tuple(operation for operation in Operation if operation is not Operation.TRUST)


class ReporterSession:
    """One person's visit, over as many connections as it takes."""

    def __init__(self, anchor: InstanceId, randomness: Randomness = draw) -> None:
        self._anchor = anchor
        self._randomness = randomness
        self._exchange = Exchange(randomness)
        self._happened: list[Happening] = []
        self._now = 0
        self._tickets = 0
        self._unsent: Opening | None = None
        self._terms: Terms | None = None
        self.directory: Directory | None = None
        self.stopped: str | None = None
        self.forget()

    def forget(self) -> None:
        """Everything of the case. The channel stays: everybody has one."""
        self._exchange.drop(*_OF_THE_CASE)
        self._root: bytes | None = None
        self._opening: Opening | None = None
        self._entering: Ticket | None = None
        self._erasing: Ticket | None = None
        self._case: Correspondence | None = None
        self._slips: Slips | None = None
        self._is_learning = False
        self.state: State | None = None
        self.places: tuple[PlaceState, ...] = ()

    @property
    def conversation(self) -> Conversation | None:
        """The open case, after `open_case` or `resume` is done."""
        return None if self._case is None else self._case.conversation

    # --- the channel's side

    def connected(self) -> None:
        self._exchange.connected()
        if self._case is not None:
            self._exchange.drop(Operation.FETCH)
            if not self._exchange.is_unanswered(Operation.RESUME):
                self._ask_resume()

    def receive(self, frame: bytes, now: int) -> list[Happening]:
        """What a down frame changes.

        Raises:
            WireError, ConnectionLostError: the channel is of no more use; another one may be.
        """
        self._now = now
        for heard in self._exchange.receive(frame):
            if isinstance(heard, Answer):
                self._hear_answer(heard.asked, heard.record)
            elif heard.is_fault:
                raise WireError(Code.from_number(heard.code).text, "the server closes the channel")
            else:
                self._hear_event(heard)
            self._collect()
        happened, self._happened = self._happened, []
        return happened

    def next_frame(self) -> bytes:
        """The answer to the last down frame: a cover frame when there is nothing to say."""
        return self._exchange.next_frame(self._exchange.slot)

    @property
    def has_frames(self) -> bool:
        return self._exchange.has_frames

    @property
    def pending_bytes(self) -> int:
        """How much of what was asked for has not left yet, for a progress bar."""
        return self._exchange.pending_bytes

    @property
    def slot_ms(self) -> int | None:
        """None before the server has said it."""
        return self._exchange.slot_ms

    # --- the person's side

    def open_case(self, root: bytes, report: Report, queues: Sequence[QueueId], *, urgent: bool, now: int) -> Ticket:
        """Seals and sends a report. `root`: what `derive_root` made of the phrase; `report.kem` is filled in here.

        Raises:
            WireError, CryptoError, ClientError: it cannot be sealed, so nothing is sent.
        """
        directory = self._trusted_at(now)
        self._check_can_enter()
        opening, self._unsent = self._unsent, None
        if opening is None or not opening.is_for(root, report, queues, urgent=urgent):
            assert self._terms is not None  # the directory came after HELLO
            opening = Opening.seal(
                root, report, queues, directory, self._terms, urgent=urgent, randomness=self._randomness
            )
        self._root, self._opening, self._entering = root, opening, self._ticket()
        opening.is_sent, opening.worked_by = False, None
        return self._entering

    @property
    def searching(self) -> Search | None:
        """The work a report needs before it leaves (SPEC 6.7). It is slow: `run` it elsewhere, then say `searched`."""
        opening = self._opening
        # Refused although it did what was asked for: other terms are on their way.
        if opening is None or opening.is_sent or opening.worked_by is self._terms:
            return None
        return opening.search

    def searched(self, search: Search, work: Work | None) -> None:
        """What a run of `searching` came to. None: it takes longer."""
        opening = self._opening
        if opening is None or opening.search is not search or opening.is_sent:
            return  # forgotten meanwhile
        assert self._terms is not None  # there is an opening only since HELLO
        if opening.is_worked_by(self._terms, work) and work is not None:
            prove, auth = opening.prepared.prove, opening.keys.auth
            self._exchange.ask(Operation.OPEN, lambda nonce: prove(auth, nonce, work).encode())

    def resume(self, root: bytes) -> Ticket:
        """Comes back. Done when all that is stored has been read."""
        self._check_can_enter()
        self._root, self._entering = root, self._ticket()
        self._ask_resume()
        return self._entering

    def write(self, text: str, now: int) -> Ticket:
        """One more message. Sealed when its turn comes, sent again verbatim until it is answered.

        Raises:
            WireError, ClientError: it cannot be sent.
        """
        self._trusted_at(now)
        case = self._open_case()
        content = Chat(now, text)
        encode_content(content)
        ticket = self._ticket()
        case.write(ticket, content)
        return ticket

    def answer(self, question: Question, what: str, now: int) -> Ticket:
        """Whether another profession may help: all, from-here or no (SPEC 4.7)."""
        self._trusted_at(now)
        case = self._open_case()
        kem = case.keys.kem.public if what == FROM_HERE else None
        content = Consent(now, question.head, what, kem)
        encode_content(content)
        ticket = self._ticket()
        case.write(ticket, content)
        return ticket

    def say_helped(self, asked: str, answer: str, now: int) -> Ticket:
        """Whether it helped (SPEC 4.8). `asked`: impact or later; `answer`: helped, somewhat or no."""
        content = Helped(now, asked, answer)
        encode_content(content)
        case = self._open_case()
        ticket = self._ticket()
        case.write(ticket, content)
        return ticket

    def acknowledge(self, now: int) -> Ticket | None:
        """Says that everything read so far has been shown, unless that is said already. SPEC 4.5"""
        case = self._open_case()
        own = case.keys.sign.public
        if self.state is State.CLOSED or case.conversation.receipt_owed(own, on_screen=True) is None:
            return None
        ticket = self._ticket()
        case.write(ticket, Receipt(now, read=True))
        return ticket

    def slips(self) -> Slips:
        """What was given to one role alone; `read_slips` fetches it."""
        case = self._open_case()
        if self._slips is None:
            self._slips = Slips(self._exchange, case.keys, case.conversation.case, self._anchor)
        return self._slips

    def read_slips(self) -> Ticket:
        ticket = self._ticket()
        self.slips().read(ticket)
        return ticket

    def give(self, text: str, queue: QueueId, now: int) -> Ticket:
        """A name or a number, to one queue alone.

        Raises:
            WireError, CryptoError, ClientError: it cannot be sealed, so nothing is sent.
        """
        directory, ticket = self._trusted_at(now), self._ticket()
        self.slips().give(ticket, text, queue, now, directory, self._randomness)
        return ticket

    def take_back(self, room: RoomId) -> Ticket:
        ticket = self._ticket()
        self.slips().take_back(ticket, room)
        return ticket

    def erase(self) -> Ticket:
        """The whole case, at once and for good."""
        case = self._open_case()
        proof = case.keys.sign.sign(to_prove_erase(self._anchor, case.conversation.case))
        self._exchange.ask(Operation.ERASE, lambda _nonce: Erase(proof).encode())
        self._erasing = self._ticket()
        return self._erasing

    # --- what comes

    def _hear_event(self, record: DownRecord) -> None:
        if record.code == Event.HELLO:
            self._greet(Hello.decode(record.body))
        elif record.code == Event.WORK:
            self._terms = Terms.decode(record.body)
        elif record.code == Event.ENVELOPE and self._case is not None:
            self._case.arrive(Sequenced.decode(record.body))
        elif record.code == Event.STATE and self._case is not None:
            changed = CaseState.decode(record.body)
            self._set_state(changed.state, changed.places)

    def _hear_answer(self, asked: Asked, record: DownRecord) -> None:
        code = Code.from_number(record.code).text if record.kind is Kind.ERROR else None
        match asked.operation:
            case Operation.TRUST:
                self._stop("directory-missing") if code else self._trust(record.body)
            case Operation.OPEN if code == Code.WORK_INSUFFICIENT.text and self._opening is not None:
                # SPEC 6.7: more is searched for, and it is sent again
                self._opening.is_sent, self._opening.was_refused = False, True
            case Operation.OPEN:
                self._fail_entering(code) if code else self._opened(Stored.decode(record.body), asked)
            case Operation.RESUME:
                self._fail_entering(code) if code else self._resumed(Resumed.decode(record.body))
            case Operation.ERASE if code is not None and code not in _GONE:
                ticket, self._erasing = self._erasing, None
                self._fail(ticket, code)
            case Operation.ERASE:
                Empty.decode(record.body)
                self._erased()
            case Operation.GIVE | Operation.TAKE_BACK | Operation.SLIPS:
                assert self._slips is not None  # as above
                self._happened.append(self._slips.heard(asked, record.body, code))
            case Operation.FETCH | Operation.PUT | Operation.PUT_LATE | Operation.TURN | Operation.HAND_OVER:
                assert self._case is not None  # forgetting a case drops what was asked for it
                self._hear_of_case(self._case, asked.operation, record.body, code)

    def _hear_of_case(self, case: Correspondence, operation: Operation, body: bytes, code: str | None) -> None:
        match operation:
            case Operation.FETCH if code is not None:
                self._fail_entering(code)
            case Operation.FETCH:
                if case.fetched(Fetched.decode(body)):
                    self._collect()  # what was read comes before the word that all of it was
                    self._entered()
            case _ if code is not None:
                case.put_refused(code)
            case Operation.PUT | Operation.PUT_LATE:
                case.stored(Stored.decode(body))
            case Operation.HAND_OVER:
                case.handed_over(Stored.decode(body))
            case _:
                case.turned(Stored.decode(body))

    def _collect(self) -> None:
        if self._case is not None:
            self._happened += self._case.happened
            self._case.happened.clear()

    # --- trust

    def _greet(self, hello: Hello) -> None:
        self._terms = hello.terms
        difference_s = hello.server_time - self._now
        if abs(difference_s) > CLOCK_WARNING_S:
            self._happened.append(ClockOff(difference_s))
        known = self.directory
        if self.stopped is not None:
            return
        # SPEC 5.3: never from a version to a lower one.
        if known is not None and hello.directory_version < known.version:
            self._stop("directory-expired")
        elif known is not None and hello.directory_version == known.version and self._now <= _ends(known):
            self._exchange.came_to(Ready.TRUSTED)
        elif not self._exchange.is_unanswered(Operation.TRUST):
            self._exchange.ask(Operation.TRUST, lambda _nonce: Empty().encode())

    def _trust(self, body: bytes) -> None:
        known = self.directory
        at_least = (0, 0) if known is None else (known.version, known.root.body.version)
        try:
            self.directory = TrustBundle.decode(body).verify(self._anchor, self._now, *at_least)
        except WireError as error:
            self._stop(error.code)
            return
        self._happened.append(Trusted(self.directory))
        self._exchange.came_to(Ready.TRUSTED)
        if self._case is not None:
            self._case.trust(self.directory)
            if self._is_learning and not self._exchange.is_unanswered(Operation.RESUME):
                self._ask_resume()
        self._is_learning = False

    def _learn(self) -> None:
        """Who wrote under a key that is news may be news too: the directory first, then the case's generations."""
        self._is_learning = True
        if not self._exchange.is_unanswered(Operation.TRUST):
            self._exchange.ask(Operation.TRUST, lambda _nonce: Empty().encode())

    def _trusted_at(self, now: int) -> Directory:
        self._check_not_stopped()
        if self.directory is None:
            raise ForgottenError("directory-missing", "the directory has not come yet")
        if now > _ends(self.directory):
            raise UntrustedError("directory-expired", "the directory ended while this was open")
        return self.directory

    def _check_not_stopped(self) -> None:
        if self.stopped is not None:
            raise UntrustedError(self.stopped)

    def _stop(self, code: str) -> None:
        """Nothing of a case is sent any more; who waits is told."""
        waiting = [self._entering, self._erasing, *(self._case.waiting if self._case else ())]
        self._collect()
        self.stopped = code
        self.forget()
        self._happened.append(Stopped(code))
        for ticket in waiting:
            self._fail(ticket, code)

    # --- coming and going

    def _check_can_enter(self) -> None:
        self._check_not_stopped()
        if self._root is not None:
            raise ClientError("object-conflict", "this session has a case; forget it first")

    def _open_case(self) -> Correspondence:
        self._check_not_stopped()
        if self._case is None:
            raise ForgottenError("not-resumed", "there is no open case")
        return self._case

    def _ask_resume(self) -> None:
        assert self._root is not None
        auth = auth_key(self._root)
        self._exchange.ask(Operation.RESUME, lambda nonce: _prove_resume(auth, self._anchor, nonce))

    def _opened(self, stored: Stored, asked: Asked) -> None:
        assert self._opening is not None
        assert self.directory is not None
        keys, prepared = self._opening.keys, self._opening.prepared
        urgent = decode_header(prepared.card.envelope).urgent
        conversation = Conversation(prepared.roster.case, keys.sign.public, self.directory)
        conversation.add_generation(prepared.roster.encode(), lambda _roster: prepared.case_key)
        self._case, self._opening = self._correspondence(conversation, keys, urgent=urgent), None
        self._exchange.came_to(Ready.BOUND)
        self._case.arrive(Sequenced(stored.seq, prepared.report.envelope))
        self._collect()
        self._set_state(State.WAITING, tuple(PlaceState(queue, State.WAITING) for queue in prepared.roster.queues))
        self._entered()
        if asked.times_sent > 1:  # it may have been stored long ago, and answered since
            self._case.fetch()

    def _resumed(self, resumed: Resumed) -> None:
        assert self._root is not None
        assert self.directory is not None
        try:
            keys = reporter_keys(self._root, resumed.case_salt)
            conversation = self.conversation or Conversation(resumed.case, keys.sign.public, self.directory)
            if not resumed.generations or resumed.case != conversation.case:
                raise ForgedError("signature-invalid", "a case without a roster, or another than before")
            for generation in resumed.generations:
                conversation.add_generation(generation.roster, unwrap_own(generation, keys), generation.link)
            _ = conversation.newest  # raises when there is no key to write with
        except (WireError, CryptoError) as error:
            self._fail_entering(error.code)
            return
        self._case = self._case or self._correspondence(conversation, keys, urgent=resumed.urgent)
        self._case.learned()
        self._exchange.came_to(Ready.BOUND)
        self._set_state(resumed.state, resumed.places)
        if resumed.last_seq > conversation.last_seq:
            self._case.fetch()
        else:
            self._happened += conversation.whole()
            self._entered()
            self._case.put_next()

    def _correspondence(self, conversation: Conversation, keys: ReporterKeys, *, urgent: bool) -> Correspondence:
        return Correspondence(conversation, keys, self._exchange, self._randomness, self._learn, urgent=urgent)

    def _entered(self) -> None:
        if self._entering is not None:
            self._happened.append(Done(self._entering))
            self._entering = None

    def _fail_entering(self, code: str) -> None:
        ticket, opening = self._entering, self._opening
        if self._erasing is not None and code in _GONE:
            self._erased()
        elif ticket is not None:
            self.forget()
            self._unsent = opening if code in _PASSING else None
            self._fail(ticket, code)
        elif code in _PASSING:
            raise ConnectionLostError(f"the server answered {code}")
        else:  # after a reconnect: the case is gone, or no longer what it was
            self._stop(code)

    def _erased(self) -> None:
        ticket, waiting = self._erasing, [self._entering, *(self._case.waiting if self._case else ())]
        self._collect()
        self.forget()
        for each in waiting:
            self._fail(each, Code.CASE_ERASED.text)
        if ticket is not None:
            self._happened.append(Done(ticket))

    def _fail(self, ticket: Ticket | None, code: str) -> None:
        if ticket is not None:
            self._happened.append(Failed(ticket, code))

    def _set_state(self, state: State, places: tuple[PlaceState, ...]) -> None:
        if self._case is not None:
            self._case.is_closed = state is State.CLOSED
        if (state, places) != (self.state, self.places):
            self.state, self.places = state, places
            self._happened.append(CaseChanged(state, places))

    def _ticket(self) -> Ticket:
        self._tickets += 1
        return Ticket(self._tickets)


def _ends(directory: Directory) -> int:
    return min(directory.body.expires, directory.root.body.expires)


def _prove_resume(auth: SigningKey, instance: InstanceId, nonce: bytes) -> bytes:
    return Resume(auth.public, auth.sign(to_prove_resume(instance, nonce))).encode()
