"""How pages that are written to files look. The style goes into the page, so that it needs nothing from outside."""

from functools import cache
from importlib.resources import files

FONT = "Noto Sans JP, Noto Sans CJK JP, Hiragino Sans, Yu Gothic, Meiryo, IPAPGothic, IPAGothic, sans-serif"
"""Fonts for Japanese text, those of `style.css`, for plots."""


@cache
def style() -> str:
    """The rules that all pages share, as CSS."""
    return files("vocabulary").joinpath("style.css").read_text(encoding="utf-8")
