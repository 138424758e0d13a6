"""Every text exists in both languages with the same placeholders, and every key the code names is a text."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from tests.structure.test_imports import FOLDERS, ROOT, modules
from vocabulary.texts import LANGUAGES, catalogue

AREAS = {path.stem for path in (ROOT / "vocabulary/texts").glob("*.toml")}
KEY = re.compile(rf"^({'|'.join(sorted(AREAS))})\.[a-z][a-z0-9_]*$")
"""A whole key, or the beginning of one that an f-string completes, which then ends with an underscore."""

STIGMATISING = (
    "問題児",
    "異常",
    "リスク児",
    "不良",
    "落ちこぼれ",
    "欠陥",
    "bad child",
    "at-risk",
    "problem child",
    "abnormal",
)


POLITE = ("お子さん", "お子さま", "お子様", "子供")
"""Words for a child that staff do not read."""


def placeholders(value):
    return {field for _, field, _, _ in Formatter().parse(value) if field is not None}


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_a_text_is_whole(key):
    languages = catalogue()[key]
    assert set(languages) == set(LANGUAGES)
    assert all(value.strip() for value in languages.values())
    assert len({frozenset(placeholders(value)) for value in languages.values()}) == 1
    assert not any(word in value for value in languages.values() for word in STIGMATISING)


def named_keys():
    """Every string literal in the code that has the form of a key, with where it stands."""
    for folder in FOLDERS:
        for path in modules(folder):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.match(node.value):
                    yield node.value, f"{path.relative_to(ROOT)}:{node.lineno}"


def test_staff_read_one_word_for_a_child():
    """What staff read says 子ども; お子さん is said to guardians, in what is handed to them (`subject.title`)."""
    said = {key for key, languages in catalogue().items() if any(word in languages["ja"] for word in POLITE)}
    assert said == {"subject.title"}


def test_the_code_names_texts_that_exist():
    found = list(named_keys())
    assert len(found) > 100
    files = {"workspace.db", "output.json", "log.key", "log.vkey"}
    begun = tuple(key for key, _ in found if key.endswith("_"))
    assert all(any(known.startswith(key) for known in catalogue()) for key in begun)
    whole = [(key, where) for key, where in found if not key.endswith("_") and key not in files]
    assert [(key, where) for key, where in whole if key not in catalogue()] == []


def test_texts_are_files_in_their_folder():
    assert all(Path(ROOT / "vocabulary/texts" / f"{key.split('.')[0]}.toml").is_file() for key in catalogue())
