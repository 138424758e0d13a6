"""What every page has in common: its templates, its language, its error page."""

from functools import partial

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from vocabulary.texts import LANGUAGES, Language, text

TEMPLATES = Environment(
    loader=PackageLoader("api", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def language_of(request: Request) -> Language:
    """Language of a page: `lang` of its address, else Japanese."""
    asked = request.query_params.get("lang")
    return next((language for language in LANGUAGES if language == asked), "ja")


def render(request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page in the request's language, with `say` for its texts and `link` for addresses that keep the language."""
    language = language_of(request)
    page = TEMPLATES.get_template(template).render(
        language=language,
        other=next(one for one in LANGUAGES if one != language),
        say=partial(_say, language),
        here=request.url.path,
        query=dict(request.query_params),
        **values,
    )
    return HTMLResponse(page, status_code=status)


def render_error(request: Request, key: str, *, status: int) -> HTMLResponse:
    """A page that says what is wrong and what to do."""
    return render(request, "error.html", status=status, key=key)


def _say(language: Language, key: str, **values: object) -> str:
    return text(f"page.{key}", language=language, **values)
