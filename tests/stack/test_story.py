"""A report, an answer and a question after it, through the whole stack, while each server is killed in the middle."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.scenarios.actors import Expert, expert, reporter, text_of
from tests.scenarios.server_process import ServerProcess
from tests.stack.conftest import Stack


@asynccontextmanager
async def killed(stack: Stack, server: ServerProcess) -> AsyncIterator[None]:
    """Killed at once. It is away for all of this where there is another; a single one comes back first."""
    await asyncio.to_thread(server.kill)
    if len(stack.servers) == 1:
        await asyncio.to_thread(server.restart)
    yield
    if len(stack.servers) > 1:
        await asyncio.to_thread(server.restart)


@asynccontextmanager
async def lawyer_of(stack: Stack) -> AsyncIterator[Expert]:
    async with expert(stack.nginx.site, stack.provider, stack.provider.lawyer, tls=stack.tls) as lawyer:
        yield lawyer


async def test_a_conversation_goes_on_while_one_server_after_the_other_is_killed(stack: Stack) -> None:
    first, last = stack.servers[0], stack.servers[-1]
    async with reporter(stack.nginx.site, tls=stack.tls) as pupil:
        async with lawyer_of(stack) as lawyer:
            await pupil.tells("They shared a picture of me.")
            held = await lawyer.claims(pupil.case)
            assert [text_of(message) for message in held.conversation.messages] == ["They shared a picture of me."]
            await lawyer.answers(held, now="Keep the pictures as evidence.")
            await pupil.reads("Keep the pictures")
        async with killed(stack, first):
            await pupil.writes("And if they do it again?")
            async with lawyer_of(stack) as lawyer:
                await lawyer.desk.catch_up(held)
                await lawyer.reads(held, "And if they do it again?")
        async with killed(stack, last):
            await pupil.writes("They did.")
            async with lawyer_of(stack) as lawyer:
                await lawyer.reads(held, "They did.")
                await lawyer.writes(held, "Then let us begin.")
            await pupil.reads("Then let us begin.")
        assert pupil.texts == [
            "They shared a picture of me.",
            "Keep the pictures as evidence.",
            "And if they do it again?",
            "They did.",
            "Then let us begin.",
        ]
