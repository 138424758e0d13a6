"""The demo: what its approval says is read in both languages."""

import re

import pytest

from governance.approval import parse_approval
from mimamori.commands.demo import APPROVAL
from vocabulary.source import load_sources


@pytest.mark.parametrize("field", ["title", "authority", "purpose"])
def test_the_approval_is_said_in_japanese_and_then_in_english(field):
    toml = APPROVAL.format(id="demo-2026", year=2026, next_year=2027)
    approval = parse_approval(toml, file="demo.toml", sources=load_sources())
    japanese, english = getattr(approval, field).split(" / ")
    assert re.search(r"[ぁ-ん一-龠]", japanese)
    assert english.isascii()
