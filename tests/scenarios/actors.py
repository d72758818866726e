"""The people of the stories. What they do are sentences, and goes through the real clients to the real server."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from lyhty_client.channel import ReporterChannel
from lyhty_client.conversation import Alarm, Message, Question
from lyhty_client.desk import Desk, FeedEvent
from lyhty_client.errors import ConnectionLostError
from lyhty_client.expert import Credentials, ExpertDesk, HeldCase, QueuedCase
from lyhty_client.happenings import CaseChanged, Happening
from lyhty_client.session import NO_KEM, ReporterSession
from lyhty_client.trust import Site, fetch_directory, find_anchor
from lyhty_crypto.passphrase import derive_root, draw_phrase
from lyhty_wire.contents import Answer, AnswerPart, Ask, Chat, Consent, Helped, Report
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import LAWYER, CaseId, InstanceId, QueueId
from tests.patience import PATIENCE_S
from tests.provider import Account, Provider


def now() -> int:
    return int(time.time())


def text_of(message: Message) -> str:
    """Whatever it is, its words."""
    content = message.content
    match content:
        case Answer():
            return "\n".join(part.text for part in content.parts)
        case Report() | Chat() | Ask():
            return content.text
        case Consent():
            return str(content.what)
        case _:
            raise TypeError(content)


def helped_in(held: HeldCase) -> list[str]:
    """What no screen shows, and an expert's client hands on to the figures."""
    contents = [opened.content for _, opened in held.conversation._opened]
    return [content.answer for content in contents if isinstance(content, Helped)]


class Reporter:
    """A pupil. The phrase is all that they keep."""

    def __init__(
        self,
        site: Site,
        instance: InstanceId,
        phrase: bytes,
        clock: Callable[[], int],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.phrase = phrase
        self.happened: list[Happening] = []
        self.session = ReporterSession(instance)
        self.channel = ReporterChannel(
            site, self.session, listener=self.notice, clock=clock, first_retry_s=0.05, tls=tls
        )
        self._instance = instance
        self._changed = asyncio.Event()

    def notice(self, happening: Happening) -> None:
        self.happened.append(happening)
        self._changed.set()

    async def tells(
        self,
        text: str,
        *,
        of: Sequence[QueueId] = (LAWYER,),
        urgent: bool = False,
        language: str = "fi",
        service: str = "snapchat",
        topic: str = "image-sharing",
    ) -> None:
        """Returns when the server has acknowledged it: when "sent" is shown."""
        report = Report(now(), NO_KEM, language, (service,), text, topic, role="pupil")
        await self.channel.settle(self.session.open_case(await self._root(), report, of, urgent=urgent, now=now()))

    async def comes_back(self) -> None:
        """With the phrase. Returns when all that is stored has been read."""
        await self.channel.settle(self.session.resume(await self._root()))

    async def writes(self, text: str) -> None:
        await self.channel.settle(self.session.write(text, now()))

    async def is_asked(self) -> Question:
        """Whether another profession may help."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                assert self.session.conversation is not None
                for question in self.session.conversation.questions():
                    if question.answer is None:
                        return question
                await self._next()

    async def answers(self, question: Question, what: str) -> None:
        await self.channel.settle(self.session.answer(question, what, now()))

    async def erases_everything(self) -> None:
        await self.channel.settle(self.session.erase())

    async def reads(self, words: str) -> Message:
        """Waits until somebody has written these words."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for message in self.messages:
                    if words in text_of(message):
                        return message
                await self._next()

    async def sees_state(self, state: str) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self.session.state is None or self.session.state.name.lower() != state:
                await self._next()

    async def is_alarmed(self) -> Alarm:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for happening in self.happened:
                    if isinstance(happening, Alarm):
                        return happening
                await self._next()

    async def is_stopped(self) -> str:
        """Nothing is believed any more; why."""
        async with asyncio.timeout(PATIENCE_S):
            while self.session.stopped is None:
                await self._next()
        return self.session.stopped

    async def _next(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def _root(self) -> bytes:
        return await asyncio.to_thread(derive_root, self.phrase, self._instance)

    @property
    def case(self) -> CaseId:
        assert self.session.conversation is not None
        return self.session.conversation.case

    @property
    def messages(self) -> list[Message]:
        return [] if self.session.conversation is None else self.session.conversation.messages

    @property
    def texts(self) -> list[str]:
        return [text_of(message) for message in self.messages]

    @property
    def states(self) -> list[str]:
        """Of the case, in the order they were shown."""
        return [each.state.name.lower() for each in self.happened if isinstance(each, CaseChanged)]


@asynccontextmanager
async def reporter(
    url: str,
    *,
    phrase: bytes | None = None,
    anchor: InstanceId | None = None,
    clock: Callable[[], int] = now,
    trusting: bool = True,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Reporter]:
    """Somebody opens the site. `anchor`: from a poster; without one the site's own is believed."""
    site = Site.parse(url)
    instance = anchor or await find_anchor(site, tls=tls)
    person = Reporter(site, instance, phrase or draw_phrase(), clock, tls)
    async with person.channel:
        if trusting:
            await person.channel.trusted()
        yield person


class Expert:
    """A lawyer or a psychologist at the desk, with the feed open."""

    def __init__(self, desk: ExpertDesk, queue: QueueId) -> None:
        self.desk = desk
        self.queue = queue
        self.heard: list[FeedEvent] = []
        self._changed = asyncio.Event()
        self.ready = asyncio.Event()

    async def listen(self) -> None:
        with suppress(ConnectionLostError):
            async for event in self.desk.desk.feed():
                self.heard.append(event)
                self.ready.set()
                self._changed.set()

    async def hears(self, kind: str, case: CaseId) -> FeedEvent:
        """Waits until the feed has told of this case."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for event in self.heard:
                    about = event.place.case if event.place is not None else event.case
                    if (event.type, about) == (kind, b64encode(case)):
                        return event
                self._changed.clear()
                await self._changed.wait()

    async def hears_any(self, *kinds: str) -> FeedEvent:
        """The first that the feed tells of these kinds."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for event in self.heard:
                    if event.type in kinds:
                        return event
                self._changed.clear()
                await self._changed.wait()

    async def finds(self, case: CaseId) -> QueuedCase | None:
        """In the queue's list, with the card opened."""
        rows = await self.desk.inbox(self.queue)
        return next((row for row in rows if row.place.case_id == case), None)

    async def claims(self, case: CaseId) -> HeldCase:
        return await self.desk.claim(case, self.queue)

    async def answers(
        self, held: HeldCase, *, plain: Sequence[str] = (), ticks: Sequence[str] = (), **parts: str
    ) -> None:
        """`did_right="..."`, `now="..."`: the parts in their order; and what stands above them."""
        texts = [AnswerPart(part.replace("_", "-"), text) for part, text in parts.items()]
        await self.desk.answer(held, texts, plain=plain, ticks=ticks)

    async def writes(self, held: HeldCase, text: str) -> None:
        await self.desk.chat(held, text)

    async def reads(self, held: HeldCase, words: str) -> Message:
        """Waits for the feed to say that there is something, and fetches until it is there."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                await self.desk.catch_up(held)
                for message in held.conversation.messages:
                    if words in text_of(message):
                        return message
                self._changed.clear()
                await self._changed.wait()

    async def closes(self, case: CaseId) -> None:
        await self.desk.close(case, self.queue)

    async def releases(self, case: CaseId) -> None:
        await self.desk.release(case, self.queue)


@asynccontextmanager
async def expert(
    url: str, provider: Provider, account: Account, *, listening: bool = True, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Expert]:
    """Signs in with password and device secret. `listening`: with a feed open, and so at the desk for all to see."""
    site = Site.parse(url)
    directory = await fetch_directory(site, provider.instance, now(), tls=tls)
    credentials = Credentials.typed(account.name, account.password, account.device)
    async with Desk(site, tls) as desk:
        person = Expert(await ExpertDesk.sign_in(desk, credentials, directory), account.queue)
        if not listening:
            yield person
            return
        listens = asyncio.create_task(person.listen())
        async with asyncio.timeout(PATIENCE_S):
            await person.ready.wait()
        try:
            yield person
        finally:
            listens.cancel()
            await asyncio.wait([listens])
