"""`lyhty report` and `lyhty resume`: a reporter at a terminal."""

import argparse
import asyncio
import contextlib
import ssl
import sys
from typing import Final

from lyhty_client.channel import ReporterChannel
from lyhty_client.clock import system_clock
from lyhty_client.conversation import Question
from lyhty_client.errors import ClientError
from lyhty_client.phrases import nobody_to_ask, read_phrase, word_language
from lyhty_client.session import NO_KEM, ReporterSession
from lyhty_client.terminal import choose, conversation_json, conversation_lines, promise, show
from lyhty_client.trust import Site, fetch_hours, find_anchor, parse_anchor
from lyhty_crypto.lexicon import spell
from lyhty_crypto.passphrase import derive_root, draw_phrase
from lyhty_wire.contents import Report
from lyhty_wire.encoding import b64encode
from lyhty_wire.hours import HOUR_S
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, InstanceId, QueueId

QUEUES: Final[dict[str, tuple[QueueId, ...]]] = {
    "lawyer": (LAWYER,),
    "psychologist": (PSYCHOLOGIST,),
    "both": (LAWYER, PSYCHOLOGIST),
    "unknown": (LAWYER, PSYCHOLOGIST),
}


async def report(asked: argparse.Namespace) -> None:
    """Prints the words only when the server has the report: words that lead nowhere are worse than none."""
    site, tls, anchor = await _site(asked)
    text = asked.text if asked.text is not None else sys.stdin.read()
    phrase = draw_phrase()
    root = await asyncio.to_thread(derive_root, phrase, anchor)
    filled = Report(
        at=system_clock(),
        kem=NO_KEM,
        language=asked.language,
        services=tuple(asked.service),
        text=text.strip("\n"),
        topic=asked.topic,
        help=asked.help_wanted,
        role=asked.role,
        age=asked.age,
        school=asked.school,
    )
    session = ReporterSession(anchor)
    async with ReporterChannel(site, session, tls=tls) as channel:
        await channel.trusted()
        queues = QUEUES[asked.help_wanted]
        await channel.settle(session.open_case(root, filled, queues, urgent=asked.urgent, now=system_clock()))
        assert session.conversation is not None
        case = b64encode(session.conversation.case)
    words = spell(phrase, word_language(asked.language))
    lines = ["The report is sent. These eight words are the only way back to it:", "", "    " + " ".join(words), ""]
    lines += await _promise(site, tls, filled.at, urgent=asked.urgent)
    show(lines, {"words": words, "case": case}, as_json=asked.json)


async def resume(asked: argparse.Namespace) -> None:
    language = word_language(asked.language)
    typed = asked.words if asked.words is not None else await asyncio.to_thread(input, "The eight words: ")
    phrase = read_phrase(typed, language, choose if sys.stdin.isatty() else nobody_to_ask)
    site, tls, anchor = await _site(asked)
    root = await asyncio.to_thread(derive_root, phrase, anchor)
    session = ReporterSession(anchor)
    async with ReporterChannel(site, session, tls=tls) as channel:
        await channel.trusted()
        await channel.settle(session.resume(root))
        if asked.answer is not None:
            await channel.settle(session.answer(_question(session), asked.answer, system_clock()))
        if asked.helped is not None:
            await channel.settle(session.say_helped(asked.asked, asked.helped, system_clock()))
        if asked.reply is not None:
            await channel.settle(session.write(asked.reply, system_clock()))
        conversation, state = session.conversation, session.state
        assert conversation is not None
        assert state is not None
        if asked.erase:
            await channel.settle(session.erase())
            show(["The case is erased for good."], {"erased": b64encode(conversation.case)}, as_json=asked.json)
            return
        own = conversation.reporter
        lines = [*conversation_lines(conversation, own), f"The case is {state.name.lower()}."]
        value = {**conversation_json(conversation, own), "state": state.name.lower()}
        show(lines, value, as_json=asked.json)
        receipt = session.acknowledge(system_clock())
        if receipt is not None:
            with contextlib.suppress(ClientError):  # nobody's words: the next visit says it
                await channel.settle(receipt)
    if conversation.alarms:
        raise ClientError(conversation.alarms[0].code)


def _question(session: ReporterSession) -> Question:
    """The newest one that has no yes yet."""
    assert session.conversation is not None
    has_case = session.conversation.newest[0].queues
    waiting = [each for each in session.conversation.questions() if each.ask.queue not in has_case]
    if not waiting:
        raise ClientError("nothing-asked")
    return waiting[-1]


async def _promise(site: Site, tls: ssl.SSLContext | None, at: int, *, urgent: bool) -> list[str]:
    hours = await fetch_hours(site, tls)
    until_s = None if hours is None else hours.promised(at // HOUR_S, urgent=urgent)
    return [] if hours is None or until_s is None else [f"You get an answer by {promise(until_s, hours)}."]


async def _site(asked: argparse.Namespace) -> tuple[Site, ssl.SSLContext | None, InstanceId]:
    site = Site.parse(asked.url)
    tls = tls_context(asked)
    given = parse_anchor(asked.anchor) if asked.anchor else None
    return site, tls, await find_anchor(site, given, tls)


def tls_context(asked: argparse.Namespace) -> ssl.SSLContext | None:
    return ssl.create_default_context(cafile=asked.ca) if asked.ca else None
