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


def test_the_built_in_items_stand_the_test_that_a_city_s_own_do():
    load_rules().hold_against(load_sources())


def test_every_quantity_is_said_with_its_unit():
    for name, rule in load_rules().indicators.items():
        named_in_title = "偏差値" in rule.title.ja or "スコア" in rule.title.ja
        assert rule.words or named_in_title or rule.amount.ja != "{value}", name


def test_levels_are_degrees_wherever_the_records_hold_more_than_yes_or_no():
    sources = load_sources()
    for name, rule in load_rules().indicators.items():
        kinds = {
            sources[source].measurements[column].type
            for source, column in (item.split(".") for item in rule.items)
            if column != "*"
        }
        assert len(rule.levels) >= (1 if kinds == {"flag"} else 2), name


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
        ("年{value}日", "年日", "amount"),
        ('items = ["school.days_absent", ', 'items = ["days_absent", ', "items"),
    ],
)
def test_rules_that_are_not_well_formed_are_named(tmp_path: Path, old: str, new: str, where: str):
    text = Path("indicators/rules.toml").read_text(encoding="utf-8")
    assert old in text
    broken = tmp_path / "rules.toml"
    broken.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SpecificationError, match=where):
        load_rules(broken)
