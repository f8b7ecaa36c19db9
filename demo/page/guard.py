"""Who may call the page's server: pages that it served itself, on this machine, under a loopback name."""

from collections.abc import Awaitable, Callable

from aiohttp import web

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse foreign hosts (a rebound DNS name) and foreign pages (their origin), then serve."""
    if request.host.rpartition(":")[0] not in _LOOPBACK_NAMES:
        raise web.HTTPForbidden(reason="unknown host")
    if request.method not in ("GET", "HEAD"):
        _require_own_page(request)
    return await handler(request)


def _require_own_page(request: web.Request) -> None:
    """Let only JSON from our own page, or from no page at all, change anything."""
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        raise web.HTTPForbidden(reason="foreign origin")
    # A foreign page cannot send this type without asking first, and is never allowed to.
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(reason="JSON only")


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Add what tells the browser to load and to keep nothing else."""
    response.headers.update(_HEADERS)
