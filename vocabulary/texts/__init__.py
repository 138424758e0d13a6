"""What people read, in Japanese and English, kept as data: `texts/<area>.toml`, one table a text.

    [wrong_header]
    ja = "…"
    en = "…"

is the text `area.wrong_header`. Placeholders are those of `str.format`. The language is Japanese where the locale
says so (`MIMAMORI_LANG`, then `LC_ALL`, `LC_MESSAGES`, `LANG`), else English; pages choose per request.
"""

import os
import tomllib
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = ("ja", "en")

_language: ContextVar[Language | None] = ContextVar("language", default=None)


def locale_language() -> Language:
    """Language of the user's locale: `ja` where it begins with ja, else `en`."""
    for variable in ("MIMAMORI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return "ja" if value.lower().startswith("ja") else "en"
    return "en"


def current_language() -> Language:
    """Language set by `use_language`, else that of the locale."""
    return _language.get() or locale_language()


def use_language(language: Language | None) -> None:
    """Set the language of this thread or request; None for that of the locale."""
    _language.set(language)


@cache
def catalogue() -> dict[str, dict[Language, str]]:
    """Every text by its key `area.name`, with its languages."""
    found: dict[str, dict[Language, str]] = {}
    for path in sorted(files("vocabulary.texts").iterdir(), key=lambda path: path.name):
        if path.name.endswith(".toml"):
            area = path.name.removesuffix(".toml")
            for name, languages in tomllib.loads(path.read_text(encoding="utf-8")).items():
                found[f"{area}.{name}"] = cast(dict[Language, str], languages)
    return found


def text(key: str, *, language: Language | None = None, **values: Any) -> str:
    """The text of `key` with its placeholders filled.

    Raises
    ------
    KeyError
        No such text, or a placeholder without a value.
    """
    return catalogue()[key][language or current_language()].format(**values)
