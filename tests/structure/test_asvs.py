"""The list of requirements names tests; each of them is there, and no requirement stands twice."""

import re

import pytest

from tests.structure.test_imports import ROOT
from tests.structure.test_threat_model import functions_in

PAGE = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows():
    return re.findall(r"^\| (\d+\.\d+\.\d+) \|(.*)$", PAGE, re.MULTILINE)


def test_every_requirement_stands_once_and_names_a_test():
    items = [item for item, _ in rows()]
    assert len(items) > 70
    assert len(items) == len(set(items))
    assert [item for item, rest in rows() if not NAMED.search(rest)] == []


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED.findall(PAGE))))
def test_a_named_test_is_there(file, name):
    assert name in functions_in(file)
