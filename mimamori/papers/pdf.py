"""A page of ours as a tagged PDF (PDF/UA-1), made without a network: whatever it refers to outside itself is refused.

The same page gives the same bytes under the same fonts: no time and no random id is written into it.
"""

from importlib.resources import files
from typing import NoReturn

from weasyprint import HTML  # type: ignore[import-untyped]
from weasyprint.urls import FatalURLFetchingError, URLFetcher  # type: ignore[import-untyped]

VARIANT = "pdf/ua-1"
"""ISO 14289-1: tagged, with language and title, so that a screen reader can read it."""


class _Nothing(URLFetcher):  # type: ignore[misc]
    """Fetches nothing, and stops the making of a page that asks for something."""

    def fetch(self, url: str, headers: object = None) -> NoReturn:
        raise FatalURLFetchingError(f"not fetched: {url}")


def as_pdf(page: str) -> bytes:
    """An HTML document of ours as PDF.

    Raises
    ------
    FatalURLFetchingError
        The document asks for a picture, a style or a font outside itself; none of ours does.
    """
    sheet = (files("mimamori") / "papers" / "print.css").read_text("utf-8")
    styled = page.replace("</head>", f"<style>\n{sheet}</style>\n</head>", 1)
    return bytes(HTML(string=styled, url_fetcher=_Nothing()).write_pdf(pdf_variant=VARIANT))
