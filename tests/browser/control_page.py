"""A page that leaves everything behind that a page can: what is not found of it, the search would not find of Lyhty.

It plants one word in each place it knows: the history, the fields of session restore and of autofill, the HTTP cache
in both codings, cookies, and every storage, in clear and as base64.
"""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import cramjam
from aiohttp import web
from playwright.async_api import Page

from tests.browser.own_browser import types

PLACES: Final = (
    "address", "title", "typed", "submitted", "cookie", "local storage", "local storage, as base64",
    "session storage", "database", "cache storage", "cached gzip", "cached brotli",
)  # fmt: skip

_PAGE: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<form action="/submitted" method="post"><input name="story" id="story" type="text"><button>send</button></form>
<textarea id="typed" rows="4"></textarea>
<script>
async function keep(words) {{
    document.cookie = `kept=${{words.cookie}}; max-age=8640000`
    localStorage.setItem('kept', `${{words.local}} `.repeat(40))
    localStorage.setItem('packed', btoa(`${{words.encoded}} `))
    const opened = await new Promise((done) => {{
        const request = indexedDB.open('kept', 1)
        request.onupgradeneeded = () => request.result.createObjectStore('kept')
        request.onsuccess = () => done(request.result)
    }})
    await new Promise((done) => {{
        const writing = opened.transaction('kept', 'readwrite', {{ durability: 'strict' }})
        writing.objectStore('kept').put(`${{words.database}} ä € `.repeat(40), 'kept')
        writing.oncomplete = done
    }})
    opened.close()
    await (await caches.open('kept')).put('/kept', new Response(words.stored))
    for (const coding of ['gzip', 'brotli']) await (await fetch(`/${{coding}}`)).text()
}}
</script></html>"""


class ControlPage:
    def __init__(self, url: str, words: dict[str, str]) -> None:
        self.url = url
        self.words = words

    async def leaves_everything(self, page: Page) -> None:
        await page.goto(f"{self.url}/?{self.words['address']}")
        await types(page.locator("#story"), self.words["submitted"])
        await page.locator("button").click()
        await page.wait_for_url("**/submitted")
        await page.evaluate(
            "words => keep(words)",
            {
                "cookie": self.words["cookie"],
                "local": self.words["local storage"],
                "encoded": self.words["local storage, as base64"],
                "database": self.words["database"],
                "stored": self.words["cache storage"],
            },
        )
        await types(page.locator("#typed"), self.words["typed"])

    async def leaves_what_a_start_forgets(self, page: Page) -> None:
        await page.goto(self.url)
        await page.evaluate("word => sessionStorage.setItem('kept', word)", self.words["session storage"])


@asynccontextmanager
async def control_page(words: dict[str, str]) -> AsyncIterator[ControlPage]:
    """On a port of its own; `words` gives one for each of `PLACES`."""
    packed = {
        "gzip": ("gzip", gzip.compress(f"{words['cached gzip']} ".encode() * 40)),
        "brotli": ("br", bytes(cramjam.brotli.compress(f"{words['cached brotli']} ".encode() * 40))),
    }

    async def show(request: web.Request) -> web.Response:
        return web.Response(text=_PAGE.format(title=words["title"]), content_type="text/html")

    async def show_packed(request: web.Request) -> web.Response:
        coding, body = packed[request.path.removeprefix("/")]
        headers = {"Content-Encoding": coding, "Cache-Control": "max-age=86400"}
        return web.Response(body=body, content_type="text/plain", headers=headers)

    app = web.Application()
    app.router.add_get("/", show)
    app.router.add_post("/submitted", show)
    for coding in packed:
        app.router.add_get(f"/{coding}", show_packed)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield ControlPage(f"http://127.0.0.1:{runner.addresses[0][1]}", words)
    finally:
        await runner.cleanup()
