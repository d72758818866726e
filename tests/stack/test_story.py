"""A report, an answer and a question after it, through the whole stack, while a server is killed in the middle."""

import asyncio

from tests.scenarios.actors import expert, reporter, text_of
from tests.stack.conftest import Stack


async def test_a_conversation_goes_on_though_the_server_is_killed_in_the_middle(stack: Stack) -> None:
    site, tls, server = stack.nginx.site, stack.tls, stack.servers[0]
    async with reporter(site, tls=tls) as pupil:
        async with expert(site, stack.provider, stack.provider.lawyer, tls=tls) as lawyer:
            await pupil.tells("They shared a picture of me.")
            held = await lawyer.claims(pupil.case)
            assert [text_of(message) for message in held.conversation.messages] == ["They shared a picture of me."]
            await lawyer.answers(held, now="Keep the pictures as evidence.")
            await pupil.reads("Keep the pictures")
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.restart)
        await pupil.writes("And if they do it again?")
        async with expert(site, stack.provider, stack.provider.lawyer, tls=tls) as lawyer:
            await lawyer.desk.catch_up(held)
            await lawyer.reads(held, "And if they do it again?")
            await lawyer.writes(held, "Then tell us at once.")
            await pupil.reads("Then tell us at once.")
        assert pupil.texts == [
            "They shared a picture of me.",
            "Keep the pictures as evidence.",
            "And if they do it again?",
            "Then tell us at once.",
        ]
