"""Every text that users read keeps clear of the words in `words_not_used.toml`, in both languages."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.structure.test_imports import ROOT
from vocabulary.source import load_sources
from vocabulary.texts import catalogue

AVOIDED = tomllib.loads((Path(__file__).parent / "words_not_used.toml").read_text(encoding="utf-8"))

OF_A_CHILD = {"reason", "kind", "judgement", "outcome"}
"""Areas of the catalogue that say something of a child."""

DATA = ("indicators/rules.toml", "indicators/judgements.toml")
"""Data whose Japanese and English words are shown."""


def worded(content: Any, where: str) -> Iterator[tuple[str, str, str]]:
    """Every text under a key `ja` or `en`, with its place."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key in ("ja", "en") and isinstance(value, str):
                yield where, key, value
            else:
                yield from worded(value, f"{where}.{key}")
    if isinstance(content, list):
        for at, value in enumerate(content):
            yield from worded(value, f"{where}[{at}]")


def texts() -> list[tuple[str, str, str]]:
    return [(key, language, said) for key, languages in catalogue().items() for language, said in languages.items()]


def data() -> list[tuple[str, str, str]]:
    found = [(name, tomllib.loads((ROOT / name).read_text(encoding="utf-8"))) for name in DATA]
    titles = [(source.name, source.title.model_dump()) for source in load_sources().values()]
    return [told for name, content in [*found, *titles] for told in worded(content, name)]


def spoken(said: str, language: str, words: dict[str, list[str]]) -> list[str]:
    """Words of the list that the text says; its placeholders are no words."""
    bare = re.sub(r"\{[^}]*\}", "", said)
    if language == "ja":
        return [word for word in words["ja"] if word in bare]
    return [word for word in words["en"] if re.search(rf"\b{re.escape(word.removesuffix('-'))}{end(word)}", bare, re.I)]


def end(word: str) -> str:
    """What must follow an English word of the list: its end, unless the list has its beginning only."""
    return "" if word.endswith("-") else r"\b"


@pytest.mark.parametrize("place", ["catalogue", "data"])
def test_no_text_labels_a_child_or_a_family(place: str):
    found = texts() if place == "catalogue" else data()
    assert len(found) > 100
    assert [
        (key, spoken(said, language, AVOIDED["nowhere"]))
        for key, language, said in found
        if spoken(said, language, AVOIDED["nowhere"])
    ] == []


def test_what_is_said_of_a_child_judges_nobody_and_names_no_cause():
    said_of = [told for told in texts() if told[0].split(".")[0] in OF_A_CHILD] + data()
    found = [(key, said, spoken(said, language, AVOIDED["of_a_child"])) for key, language, said in said_of]
    assert [told for told in found if told[2]] == []


@pytest.mark.parametrize(
    ("said", "language", "expected"),
    [
        ("成績が悪化した子", "ja", ["悪化"]),
        ("The situation deteriorated.", "en", ["deteriorat-"]),
        ("Badminton club", "en", []),
        ("A bad year", "en", ["bad"]),
        ("The file {problem} is broken", "en", []),
        ("A new fact: no briskness", "en", []),
    ],
)
def test_the_list_is_found_where_it_is_said(said: str, language: str, expected: list[str]):
    assert spoken(said, language, AVOIDED["of_a_child"]) == expected
