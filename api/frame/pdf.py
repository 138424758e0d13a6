"""Pages for a case conference as tagged PDF (PDF/UA-1), made without a network: whatever a page refers to is refused.

One is made at a time, since making one keeps a processor busy for a second or more.
"""

import threading
from functools import cache
from importlib.resources import files
from typing import Any, NoReturn

from fastapi import Request, Response
from weasyprint import CSS, HTML  # type: ignore[import-untyped]
from weasyprint.urls import FatalURLFetchingError, URLFetcher  # type: ignore[import-untyped]

from api.frame.pages import render

VARIANT = "pdf/ua-1"
_one_at_a_time = threading.Lock()


class _Nothing(URLFetcher):  # type: ignore[misc]
    """Fetches nothing, and stops the making of a page that asks for something."""

    def fetch(self, url: str, headers: object = None) -> NoReturn:
        raise FatalURLFetchingError(f"not fetched: {url}")


@cache
def _sheet() -> CSS:
    return CSS(string=(files("api") / "static" / "print.css").read_text("utf-8"))


def pdf(request: Request, name: str, file: str, **values: Any) -> Response:
    """A template of `print_page.html` as an answer that is saved under the name `file`; values as of `render`."""
    page = bytes(render(request, name, **values).body).decode()
    with _one_at_a_time:
        made = HTML(string=page, url_fetcher=_Nothing()).write_pdf(stylesheets=[_sheet()], pdf_variant=VARIANT)
    disposition = f'inline; filename="{file}"'
    return Response(bytes(made), media_type="application/pdf", headers={"Content-Disposition": disposition})
