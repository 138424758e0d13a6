"""The threat model names tests; each of them is there, under that name, in that file."""

import ast
import re

import pytest

from tests.structure.test_imports import ROOT

PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
THREATS = (
    "Insider",
    "Stolen disk",
    "Curious analyst",
    "Malicious operator",
    "Lost key",
    "Compromised department file",
)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def sections():
    return dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def functions_in(file):
    path = ROOT / file
    if not path.is_file():
        return set()
    return {node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)}


def test_every_threat_has_its_section():
    assert tuple(sections()) == THREATS


@pytest.mark.parametrize("threat", THREATS)
def test_every_row_names_a_test_and_every_section_says_what_is_left(threat):
    said = sections()[threat]
    rows = [line for line in said.splitlines() if line.startswith("|")][2:]
    assert len(rows) >= 4
    assert [row for row in rows if not NAMED.search(row)] == []
    assert "**Left:**" in said


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED.findall(PAGE))))
def test_a_named_test_is_there(file, name):
    assert name in functions_in(file)
