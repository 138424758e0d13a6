"""States, steps and kinds of approvals are data, every case is decided, and the page shows what the data say."""

import re
import tomllib
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from governance.approval import Approval, last_day, parse_approval
from governance.approval_kinds import KIND_OF, NEEDS, ApprovalKind
from governance.approval_state import ENDED, TRANSITIONS, WAITING, State, Step
from governance.approvals_page import filled
from governance.population import RULES, Population
from tests.unit.governance.conftest import APPROVAL
from vocabulary.errors import ApprovalError
from vocabulary.source import load_sources

SOURCES = load_sources()
PAGE = Path(__file__).parents[3] / "docs" / "approvals.md"

WHOLE = {
    ApprovalKind.CONSULTATION: "",
    ApprovalKind.REPORT: "max_runs = 4\n",
    ApprovalKind.OTHER_PURPOSE: 'conditions = ["a"]\n',
    ApprovalKind.DECISION: "max_runs = 4\n",
    ApprovalKind.BLANKET: 'conditions = ["a"]\npopulation = { ages = [0, 17] }\n',
}
"""The optional fields that each kind needs."""

BARE = APPROVAL.replace("max_runs = 4\n", "")


def of_kind(kind, more=None, toml=BARE):
    stated = f'kind = "{kind}"\n' + (WHOLE[KIND_OF[kind]] if more is None else more)
    return parse_approval(stated + toml, file="a.toml", sources=SOURCES)


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("MIMAMORI_LANG", "en")


def test_the_page_shows_what_the_data_say():
    assert filled(PAGE.read_text(encoding="utf-8")) == PAGE.read_text(encoding="utf-8")


def test_every_step_in_every_state_is_decided():
    assert set(TRANSITIONS) == set(product(State, Step))
    for state in State:
        leads_out = any(TRANSITIONS[state, step] not in (None, state) for step in Step)
        assert leads_out == (state not in ENDED)
        assert (TRANSITIONS[state, Step.REVOKE] is State.REVOKED) == (state not in ENDED)
        assert (TRANSITIONS[state, Step.COUNTERSIGN] is state) == (state in WAITING)
    assert {TRANSITIONS[state, Step.COMPLETE] for state in State} == {None, State.IN_FORCE}
    entries = [key for key, after in TRANSITIONS.items() if after is State.IN_FORCE]
    assert entries == [(State.COUNTERSIGNING, Step.COMPLETE)], "nothing comes into force unconfirmed"


def test_every_kind_has_its_needs_and_two_names():
    assert set(NEEDS) == set(ApprovalKind) == set(WHOLE)
    assert len(KIND_OF) == 2 * len(ApprovalKind)


@pytest.mark.parametrize("name", KIND_OF)
def test_a_kind_is_taken_under_its_japanese_and_its_english_name(name):
    approval = of_kind(name)
    assert approval.kind is KIND_OF[name]
    assert approval.countersigners() == (("welfare", "school") if NEEDS[approval.kind].countersigned else ())


@pytest.mark.parametrize("kind", ApprovalKind)
def test_the_period_of_a_kind_is_its_default_and_its_most(kind):
    last = last_day(date(2026, 4, 1), NEEDS[kind].years)
    assert of_kind(kind, toml=BARE.replace("valid_until = 2027-03-31\n", "")).valid_until == last
    assert of_kind(kind, toml=BARE.replace("2027-03-31", str(last))).valid_until == last
    with pytest.raises(ApprovalError, match=f"lasts {NEEDS[kind].years} years at most. Write {last}"):
        of_kind(kind, toml=BARE.replace("2027-03-31", str(last.replace(year=last.year + 1))))


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind in NEEDS for field in NEEDS[kind].fields])
def test_a_kind_asks_for_its_fields(kind, field):
    without = "".join(line + "\n" for line in WHOLE[kind].splitlines() if not line.startswith(field))
    with pytest.raises(ApprovalError, match=f"a.toml: {field}: an approval of the kind .* needs it"):
        of_kind(kind, without)


@pytest.mark.parametrize("kind", [kind for kind in NEEDS if NEEDS[kind].authority])
def test_what_a_council_gives_is_not_given_by_another(kind):
    with pytest.raises(ApprovalError, match="authority: an approval of the kind"):
        of_kind(kind, toml=BARE.replace("個人情報保護審議会", "福祉部長"))


def test_without_a_kind_nothing_of_it_is_asked():
    approval = parse_approval(BARE.replace("2027-03-31", "2099-03-31"), file="a.toml", sources=SOURCES)
    assert (approval.kind, approval.countersigners(), approval.population) == (None, (), None)


@pytest.mark.parametrize(
    ("stated", "line"),
    [
        ('kind = "口頭"\n', "kind: not a kind of approval. Write one of: 諮問"),
        ("population = { ages = [17, 0] }\n", "population.ages: the lower age stands behind"),
        ("population = {}\n", "population: no rule is stated"),
        ('population = { unknown = "read" }\n', "population: no rule is stated"),
        ("population = { age = [0, 17] }\n", "population.age: not a field .* write one of: ages, towns"),
        ("population = 18\n", "population: not a table"),
        ('population.columns.health = { attended = ["1"] }\n', "population.columns: health.attended is no source"),
        ('population.columns.welfare = { single_parent = ["1"] }\n', "population.columns: welfare.single_parent is no"),
        ('countersigned_by = ["health"]\n', "countersigned_by: health is no source or column"),
        ('legal_bases.school = { tax = "地方税法" }\n', "legal_bases: school.tax is no source or column"),
        ('rules = { score = "1" }\n', "rules.score"),
    ],
)
def test_each_fault_of_an_optional_field_is_one_line(stated, line):
    with pytest.raises(ApprovalError, match=f"a.toml: {line}"):
        parse_approval(stated + APPROVAL, file="a.toml", sources=SOURCES)


def test_last_day():
    assert last_day(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert last_day(date(2024, 2, 29), 4) == date(2028, 2, 28)
    assert last_day(date(2026, 4, 1), 1) == date(2027, 3, 31)


def test_the_page_names_every_rule_that_puts_a_row_outside():
    assert set(re.findall(r"`outside_(\w+)`", PAGE.read_text(encoding="utf-8"))) == set(RULES)


def test_every_optional_field_is_in_the_example_of_the_page():
    example = re.search(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    stated = tomllib.loads(example[1])
    optional = {"kind", "conditions", "countersigned_by", "population", "legal_bases", "rules"}
    assert set(stated) == optional
    assert optional | {"scorecards", "max_runs"} == {
        name for name, field in Approval.model_fields.items() if not field.is_required()
    }
    assert set(stated["population"]) == set(Population.model_fields)
