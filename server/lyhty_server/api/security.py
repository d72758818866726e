"""The headers every answer carries, the same for a lesson and for a report."""

from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code

CSP: Final = (
    "default-src 'none'; "
    "script-src 'self' 'wasm-unsafe-eval'; "  # Argon2id is WebAssembly; the worker's own answer needs this too
    "style-src 'self'; "
    "img-src 'self' blob:; "
    "media-src 'self' blob:; "
    "connect-src 'self'; "
    "worker-src 'self'; "
    "base-uri 'none'; "
    "form-action 'none'; "
    "frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; "
    "trusted-types lyhty-worker"
)

HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noarchive",
    "Server": "Lyhty",
}


KEPT_BY_NOBODY: Final = {"Cache-Control": "no-store"}  # unless an answer says otherwise

# A browser that has once been here over TLS does not try without it for a year. It is for the operator to say whether
# that holds for other names under this one too.
OVER_TLS: Final = {"Strict-Transport-Security": "max-age=31536000"}


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """An `on_response_prepare` signal, so that errors and upgrades carry them too."""
    response.headers.update(HEADERS)
    if request.secure:
        response.headers.update(OVER_TLS)
    for name, value in KEPT_BY_NOBODY.items():
        response.headers.setdefault(name, value)


def is_same_site(origin: str | None, host: str) -> bool:
    """Whether a socket is asked for by a page of ours, or by no page at all: programs send no Origin."""
    return origin is None or origin.lower() in {f"http://{host.lower()}", f"https://{host.lower()}"}


def same_site_only(handler: Handler) -> Handler:
    """For WebSockets, which browsers open to any site: to a page elsewhere these addresses do not exist."""

    async def checked(request: web.Request) -> web.StreamResponse:
        if not is_same_site(request.headers.get("Origin"), request.host):
            raise DomainError(Code.ROUTE_UNKNOWN)
        # A proxy that does not count such a body would take it for the next one's question, or let it in unseen.
        if request.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in request.headers:
            raise DomainError(Code.OPERATION_MALFORMED)
        return await handler(request)

    return checked
