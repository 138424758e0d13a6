from pathlib import Path
from typing import get_args

import pytest

from indicators.rules import Kind, load_rules
from vocabulary.errors import SpecificationError
from vocabulary.source import load_sources
from vocabulary.texts import catalogue


def test_every_item_is_a_column_of_its_source():
    sources = load_sources()
    for item in load_rules().items:
        source, column = item.split(".")
        assert column in sources[source].measurements, item


def test_every_kind_of_flag_has_a_title():
    assert {f"kind.{kind}" for kind in get_args(Kind)} <= set(catalogue())


def test_the_version_follows_the_content_and_not_the_layout(tmp_path: Path):
    built_in = Path("indicators/rules.toml").read_text(encoding="utf-8")
    same, other = tmp_path / "same.toml", tmp_path / "other.toml"
    same.write_text("# a comment\n" + built_in, encoding="utf-8")
    other.write_text(built_in.replace("from = 30", "from = 31", 1), encoding="utf-8")
    assert load_rules(same).version == load_rules().version
    assert load_rules(other).version != load_rules().version


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('domain = "attendance"', 'domain = "weather"', "domain"),
        ('form = "rate"\nper = 200', 'form = "rate"', "indicators"),
        ("{ from = 10, level = 1", "{ from = 10, level = 4", "level"),
        ("{ from = 10, level = 1", "{ from = 25, level = 1", "mildest"),
        ('indicator = "public_assistance"', 'indicator = "nothing"', "support"),
        ('basis = "public", note', 'basis = "public", remark', "remark"),
        ("partial = 1, full = 2", "partial = 1, full = 3", "other codes"),
        ("[indicators.absence]", "[indicators.absence", "TOML"),
    ],
)
def test_rules_that_are_not_well_formed_are_named(tmp_path: Path, old: str, new: str, where: str):
    text = Path("indicators/rules.toml").read_text(encoding="utf-8")
    assert old in text
    broken = tmp_path / "rules.toml"
    broken.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SpecificationError, match=where):
        load_rules(broken)
