"""What holds of every request, whichever route answers it: by which name it asked, from where, and what is sent along.

Pages are rendered on the server and need no script; everything they load comes from this address.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Collection
from urllib.parse import urlsplit

from fastapi import Request, Response

from api.frame.failures import render_failure, route_of
from api.frame.session import BROWSER, ELSEWHERE, SESSION, cookie

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

OVER_TLS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
"""Sent too where the dashboard is served over TLS."""

LARGEST_BODY = 2_000_000
"""Bytes of what a form or a program sends."""

Answer = Callable[[Request], Awaitable[Response]]


def guard(names: Collection[str]) -> Callable[[Request, Answer], Awaitable[Response]]:
    """A middleware that answers only to these names and to changes asked from a page of ours, and adds the headers.

    A failure that nothing else caught becomes a page that shows nothing.
    """

    async def guarded(request: Request, answer: Answer) -> Response:
        if PORT.sub("", request.headers.get("host", "")).lower() not in names:
            response = render_failure(request, "foreign_name", status=421)
        elif request.app.state.secure and request.url.scheme != "https":
            response = render_failure(request, "not_over_tls", status=421)
        elif request.method not in ASKING and not from_here(request):
            response = render_failure(request, "foreign_page", status=403)
        elif not _of_bearable_size(request):
            response = render_failure(request, "too_large", status=413)
        else:
            try:
                response = await answer(request)
            except Exception as error:
                logger.error("%s while answering %s", type(error).__name__, route_of(request))  # it may quote data
                response = render_failure(request, "unavailable", status=503)
        response.headers.update(HEADERS | OVER_TLS if request.app.state.secure else HEADERS)
        return response

    return guarded


def from_here(request: Request) -> bool:
    """Whether a page of ours, or no page at all, asks for a change.

    Browsers say it in `Sec-Fetch-Site`, which no page can set, and in `Origin`. A program that is no browser sends
    neither; then nothing is taken that a browser would have carried along by itself, its cookies (OWASP, Cross-Site
    Request Forgery Prevention, "Fetch Metadata").
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return not any(cookie(request, name) for name in (SESSION, BROWSER, ELSEWHERE))
    return urlsplit(origin).netloc == request.headers.get("host")


def _of_bearable_size(request: Request) -> bool:
    """Whether what is sent along says how large it is, and is not too large."""
    if "transfer-encoding" in request.headers:
        return False
    length = request.headers.get("content-length", "0")
    return length.isdecimal() and len(length) < 10 and int(length) <= LARGEST_BODY
