"""Which characters of two values differ, so that a reviewer sees 髙 beside 高 at a glance."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import NamedTuple
from unicodedata import normalize


class Run(NamedTuple):
    """Characters that stand in the other value too, or do not."""

    text: str
    differs: bool


PUNCTUATION = str.maketrans("", "", " 　-ー−－‐―()（）・")
"""Characters between which the same value is written now one way, now another."""


def marked(value: str, others: Iterable[str]) -> list[Run]:
    """`value` in runs of characters, against the most similar of `others`.

    Nothing is marked where there are none, or where one differs in width and punctuation only.
    """
    compared = list(others)
    if not compared or _bare(value) in map(_bare, compared):
        return [Run(value, False)]
    matchers = [SequenceMatcher(None, value, other, autojunk=False) for other in compared]
    nearest = max(matchers, key=lambda matcher: matcher.ratio())
    runs = []
    for kind, start, end, _, _ in nearest.get_opcodes():
        if end > start:
            runs.append(Run(value[start:end], kind != "equal"))
    return runs


def _bare(value: str) -> str:
    return normalize("NFKC", value).translate(PUNCTUATION)
