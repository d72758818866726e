"""What a browser complains about while a person uses the site, and every address it fetches.

A page that breaks the content security policy, throws, or writes an error to the console fails the test it is used
in, whatever else that test is about.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Request, WebError

A_BROWSER_TELLS_OF_LOST_LINES: Final = r"WebSocket connection to .* failed|net::ERR_|WebSocket is closed"
AND_OF_INSECURE_PAGES: Final = r"Cross-Origin-Opener-Policy header has been ignored"

_TELL_VIOLATIONS: Final = """
addEventListener('securitypolicyviolation', (event) =>
    console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`))
"""


class Watch:
    """Over one browser context: all its pages and their workers."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    async def over(self, context: BrowserContext) -> None:
        context.on("console", self._on_console)
        context.on("weberror", self._on_page_error)
        context.on("request", self._on_request)
        await context.add_init_script(_TELL_VIOLATIONS)

    def expect(self, pattern: str) -> None:
        """A browser itself reports this one; the test brings it about."""
        self._expected.append(re.compile(pattern))

    @property
    def unexpected(self) -> list[str]:
        return [each for each in self.complaints if not any(pattern.search(each) for pattern in self._expected)]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"}:
            self.complaints.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _on_page_error(self, error: WebError) -> None:
        self.complaints.append(f"page error: {error.error}")

    def _on_request(self, request: Request) -> None:
        self.requests.append(f"{request.method} {urlsplit(request.url).path}")
