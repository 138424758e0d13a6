"""What holds of every request, whichever route answers it: by which name it asked, from where, and what is sent along.

Pages are rendered on the server and need no script; everything they load comes from this address.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Collection
from urllib.parse import urlsplit

from fastapi import Request, Response

from api.failures import render_failure

logger = logging.getLogger("mimamori")

PORT = re.compile(r":\d+$")

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""Sent with every answer: nothing from elsewhere, no copy kept, no page of ours inside another."""

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Names under which a browser on this machine may ask; another name is a page elsewhere pointed at this address."""

ASKING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

Answer = Callable[[Request], Awaitable[Response]]


def guard(names: Collection[str]) -> Callable[[Request, Answer], Awaitable[Response]]:
    """A middleware that answers only to these names and to changes asked from a page of ours, and adds the headers.

    A failure that nothing else caught becomes a page that shows nothing.
    """

    async def guarded(request: Request, answer: Answer) -> Response:
        if PORT.sub("", request.headers.get("host", "")) not in names:
            response = render_failure(request, "foreign_name", status=421)
        elif request.method not in ASKING and not from_here(request):
            response = render_failure(request, "foreign_page", status=403)
        else:
            try:
                response = await answer(request)
            except Exception as error:
                logger.error("%s while answering %s", type(error).__name__, request.url.path)  # it may quote data
                response = render_failure(request, "unavailable", status=503)
        response.headers.update(HEADERS)
        return response

    return guarded


def from_here(request: Request) -> bool:
    """Whether a page of ours, or no page at all, asks for a change.

    Browsers say it in `Sec-Fetch-Site`, which no page can set, and in `Origin`; a program that is no browser sends
    neither, and carries no cookie that somebody else could use (OWASP, Cross-Site Request Forgery Prevention, "Fetch
    Metadata").
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
