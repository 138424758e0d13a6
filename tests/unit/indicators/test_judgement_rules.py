from pathlib import Path

import pytest

from indicators.judgement_rules import DOMAINS, load_judgement_rules
from indicators.rules import load_rules
from vocabulary.errors import SpecificationError

BUILT_IN = Path("indicators/judgements.toml").read_text(encoding="utf-8")


def test_the_built_in_rules_name_no_indicator_so_that_they_go_with_any_indicator_rules():
    rules = load_judgement_rules()
    assert {
        name for domain in DOMAINS for step in rules.steps(domain) for need in step.needs for name in need.of
    } == set()
    rules.hold_against(load_rules())


def test_every_domain_can_reach_every_judgement():
    rules = load_judgement_rules()
    for scope in (*DOMAINS, "overall"):
        assert {step.judgement for step in rules.steps(scope)} == {1, 2, 3}


def test_the_version_follows_the_content_and_not_the_layout(tmp_path: Path):
    same, other = tmp_path / "same.toml", tmp_path / "other.toml"
    same.write_text("# a comment\n" + BUILT_IN, encoding="utf-8")
    other.write_text(BUILT_IN.replace("percentile = 97", "percentile = 98", 1), encoding="utf-8")
    assert load_judgement_rules(same).version == load_judgement_rules().version
    assert load_judgement_rules(other).version != load_judgement_rules().version


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("[titles.health]", "[titles.sport]", "titles"),
        ("judgement = 3", "judgement = 4", "overall_words"),
        ("needs = [{ level = 3 }]", "needs = []", "livelihood"),
        ("needs = [{ level = 3 }]", "needs = [{ level = 0 }]", "livelihood"),
        ("needs = [{ level = 3 }]", "needs = [{ lever = 3 }]", "level"),
        ("needs = [{ level = 3 }]", 'needs = [{ level = 3, at_least = 2, of = ["tax_exempt"] }]', "never be met"),
        ("percentile = 97", "percentile = 100", "percentile"),
        ('of = ["livelihood"]', 'of = ["weather"]', "overall"),
        ('name = "three_clear"', 'name = "strongest_level"', "same name"),
        ('name = "strongest_level"\njudgement = 3', 'name = "strongest_level"\njudgement = 1', "mildest"),
        ('basis = "public"\nnote', 'basis = "public"\nremark', "remark"),
        ("[[livelihood]]", "[[livelihood]", "TOML"),
    ],
)
def test_rules_that_are_not_well_formed_are_named(tmp_path: Path, old: str, new: str, where: str):
    assert old in BUILT_IN
    broken = tmp_path / "judgements.toml"
    broken.write_text(BUILT_IN.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SpecificationError, match=where) as error:
        load_judgement_rules(broken)
    assert "\n" not in str(error.value)
    assert "judgements.toml" in str(error.value)


def test_a_step_names_indicators_of_its_domain(tmp_path: Path):
    own = tmp_path / "judgements.toml"
    own.write_text(
        BUILT_IN.replace("needs = [{ level = 3 }]", 'needs = [{ level = 3, of = ["absence"] }]', 1), encoding="utf-8"
    )
    with pytest.raises(SpecificationError, match=r"livelihood.strongest_level.*absence"):
        load_judgement_rules(own).hold_against(load_rules())
