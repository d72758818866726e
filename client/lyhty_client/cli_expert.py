"""`lyhty expert ...`: an expert at a terminal. Every command signs in, does one thing and signs out."""

import argparse
import contextlib
import getpass
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from lyhty_client.auditing import witness
from lyhty_client.cli_reporter import QUEUES, tls_context
from lyhty_client.clock import system_clock
from lyhty_client.departure import depart, renew, turn_all
from lyhty_client.desk import Desk
from lyhty_client.errors import ClientError, ConnectionLostError
from lyhty_client.expert import Credentials, ExpertDesk, HeldCase
from lyhty_client.own_password import LEAST_LETTERS, change_password
from lyhty_client.sentences import sentence
from lyhty_client.terminal import case_json, case_lines, conversation_json, conversation_lines, show
from lyhty_client.trust import Site, fetch_directory, fetch_hours, find_anchor, parse_anchor
from lyhty_wire.contents import ANSWER_PARTS, AnswerPart
from lyhty_wire.desk import Place
from lyhty_wire.directories import Directory, Expert, FormerExpert
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import MalformedError
from lyhty_wire.hours import Hours
from lyhty_wire.ids import CaseId, ExpertId, QueueId


async def run(asked: argparse.Namespace) -> None:
    if asked.errand == "password":
        await _change_password(asked)
        return
    async with signed_in(asked) as expert:
        await _do(asked, expert, await fetch_hours(Site.parse(asked.url), tls_context(asked)))


@contextlib.asynccontextmanager
async def signed_in(asked: argparse.Namespace) -> AsyncIterator[ExpertDesk]:
    async with signed_in_with(_credentials(asked), asked) as expert:
        yield expert


@contextlib.asynccontextmanager
async def signed_in_with(credentials: Credentials, asked: argparse.Namespace) -> AsyncIterator[ExpertDesk]:
    site, tls = Site.parse(asked.url), tls_context(asked)
    anchor = await find_anchor(site, parse_anchor(asked.anchor) if asked.anchor else None, tls)
    directory = await fetch_directory(site, anchor, system_clock(), tls=tls)
    async with Desk(site, tls) as desk:
        expert = await ExpertDesk.sign_in(desk, credentials, directory, on_work=_tell_of_work)
        try:
            yield expert
        finally:
            await desk.sign_out()


async def _change_password(asked: argparse.Namespace) -> None:
    credentials = _credentials(asked)
    async with signed_in_with(credentials, asked) as expert:
        following = replace(credentials, password=_new_password())
        try:
            await change_password(
                expert.desk, expert.expertise, credentials, following,
                with_new_keys=asked.new_keys, now_s=expert.now_s, on_work=_tell_of_work,
            )  # fmt: skip
        except ConnectionLostError:
            sys.stderr.write("Nobody knows which password holds: try the new one first, then the old one.\n")
            raise
        except ClientError:
            sys.stderr.write("Nothing was changed: the old password holds.\n")
            raise
    show(["The new password holds. You are signed out everywhere else."], {"changed": True}, as_json=asked.json)


def _credentials(asked: argparse.Namespace) -> Credentials:
    return Credentials.typed(asked.name, _password(asked), asked.device or Site.parse(asked.url).device)


def _new_password() -> str:
    while True:
        typed = getpass.getpass("New password, at least 12 characters: ")
        if len(typed) >= LEAST_LETTERS and typed == getpass.getpass("The same again: "):
            return typed
        sys.stderr.write("Too short, or not the same twice.\n")


def _tell_of_work() -> None:
    print("Somebody has failed to sign in with this name. Signing in takes some seconds longer now.", file=sys.stderr)


async def _do(asked: argparse.Namespace, expert: ExpertDesk, hours: Hours | None) -> None:
    if asked.errand == "inbox":
        rows = [row for queue in _queues(asked, expert) for row in await expert.inbox(queue)]
        lines = [line for row in rows for line in case_lines(row, hours)] or ["The queue is empty."]
        show(lines, {"cases": [case_json(row) for row in rows]}, as_json=asked.json)
        return
    if asked.errand in ("depart", "renew", "turn"):
        await _renew_keys(asked, expert)
        return
    case, queue = CaseId(b64decode(asked.case, 32)), _queues(asked, expert)[0]
    match asked.errand:
        case "claim":
            await _show(await expert.claim(case, queue), expert, asked)
        case "read":
            await _show(await expert.read(case, queue), expert, asked)
        case "reply":
            held = await expert.read(case, queue)
            parts = _parts(asked.part)
            text = (
                asked.text
                if asked.text is not None or parts or asked.plain or asked.tick
                else sys.stdin.read().strip("\n")
            )
            if parts or asked.plain or asked.tick:
                await expert.answer(held, parts, plain=asked.plain, ticks=asked.tick)
            if text is not None:
                await expert.chat(held, text)
            await _show(held, expert, asked)
        case "ask-handover":
            held = await expert.read(case, queue)
            await expert.ask_handover(held, QUEUES[asked.to][0], asked.text)
            await _show(held, expert, asked)
        case "close":
            _show_place(await expert.close(case, queue), asked)
        case "release":
            _show_place(await expert.release(case, queue), asked)
        case unknown:
            raise AssertionError(f"the parser lets no {unknown} through")


async def _renew_keys(asked: argparse.Namespace, expert: ExpertDesk) -> None:
    def told(done: int, total: int) -> None:
        if not asked.json:
            sys.stderr.write(f"\r{done} of {total} cases have their new key.")

    match asked.errand:
        case "depart":
            leaver = _named(asked.expert, expert)
            if not asked.even_if_nobody_is_left:
                _check_somebody_stays(expert.expertise.directory, leaver)
            turned = await depart(expert, leaver, told)
        case "renew":
            turned = await renew(expert, told)
            await witness(expert)
        case _:
            turned = await turn_all(expert, "schedule", told)
    failed = {b64encode(case): code for case, code in turned.failed.items()}
    kept = [f"{case} keeps its old one: {sentence(code)} [{code}]" for case, code in failed.items()]
    lines = [f"{turned.done} cases have a new key.", *kept]
    show(lines, {"done": turned.done, "failed": failed}, as_json=asked.json)
    if failed:
        raise ClientError(next(iter(failed.values())))


def _named(name: str, expert: ExpertDesk) -> ExpertId:
    """Whoever has left already is found too: then only the cases are left to do."""
    directory = expert.expertise.directory
    people: list[Expert | FormerExpert] = [*directory.experts, *directory.former]
    found = {person.id for person in people if person.name == name}
    if len(found) != 1:
        raise ClientError("expert-unknown", f"{len(found)} people of the directory have this name")
    return found.pop()


def _check_somebody_stays(directory: Directory, leaver: ExpertId) -> None:
    """Only the console splits the key of a queue that nobody is in (SPEC 9.9)."""
    leaving = directory.expert(leaver)
    for queue in directory.queues if leaving is not None else ():
        members = [expert.id for expert in directory.experts if queue.id in expert.queues]
        if members == [leaver]:
            raise ClientError(
                "last-of-queue",
                f"{queue.profession}: remove them in the console (Menu, People), which splits the new key among the"
                " coordinators, or say --even-if-nobody-is-left",
            )


def _queues(asked: argparse.Namespace, expert: ExpertDesk) -> tuple[QueueId, ...]:
    return (QueueId(asked.queue),) if asked.queue else expert.expertise.queues


def _parts(typed: list[str]) -> list[AnswerPart]:
    """`legal=...`, in the order of an answer whatever the order typed."""
    texts = {}
    for each in typed:
        name, equals, text = each.partition("=")
        if not equals or name not in ANSWER_PARTS:
            raise MalformedError("operation-malformed", f"{name} is no part of an answer: {' '.join(ANSWER_PARTS)}")
        texts[name] = text
    return [AnswerPart(name, texts[name]) for name in ANSWER_PARTS if name in texts]


async def _show(held: HeldCase, expert: ExpertDesk, asked: argparse.Namespace) -> None:
    conversation, own = held.conversation, expert.expertise.keys.sign.public
    show(conversation_lines(conversation, own), conversation_json(conversation, own), as_json=asked.json)
    with contextlib.suppress(ClientError):  # nobody's words: the next visit says it
        await expert.acknowledge(held)
    if conversation.alarms:
        raise ClientError(conversation.alarms[0].code)


def _show_place(place: Place, asked: argparse.Namespace) -> None:
    show([f"{place.case} is {place.state}."], {"case": place.case, "state": place.state}, as_json=asked.json)


def _password(asked: argparse.Namespace) -> str:
    """Never from the command line, where everybody on the computer can see it."""
    if asked.password_file is not None:
        return Path(asked.password_file).read_text("utf-8").rstrip("\r\n")
    return getpass.getpass("Password: ")
