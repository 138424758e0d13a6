"""The privacy impact assessment: what it says is what is in force, and what it cannot say is left open."""

import importlib
import re
from datetime import date

import pytest

from governance import register, reviews
from governance.account_state import Role
from governance.denied import groups
from governance.policy import Action, Scope, cells, policy, scope
from governance.retention import kept
from governance.runlog import Kind
from mimamori.papers.assessment import assessment_paper
from mimamori.papers.assessment_basis import FIELDS, read_basis, read_filled
from mimamori.papers.paper import rendered, saying
from mimamori.papers.threats import threats
from tests.structure.test_imports import ROOT
from tests.structure.test_threat_model import functions_in
from tests.unit.governance.conftest import DAY
from tests.unit.mimamori.small_run import approved_workspace, publish
from vocabulary.errors import UsageError
from vocabulary.texts import LANGUAGES, catalogue

SAY = saying("en", "assessment")


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    return approved_workspace(tmp_path / "city")


def paper(workspace, filled=None, language="en", today=DAY):
    return assessment_paper(read_basis(workspace, today=today, filled=filled or {}), language)


def facts(made):
    """What is said under each item, and by what it is enforced."""
    return {
        item: (said, enforced)
        for section in made.sections
        for table in section.tables
        if table.headers == [SAY("column_item"), SAY("column_said"), SAY("column_enforced")]
        for item, said, enforced in table.rows
    }


def table(made, caption):
    return next(one.rows for section in made.sections for one in section.tables if one.caption == caption)


def test_what_is_named_as_enforcing_is_there(workspace):
    named = {name for _, enforced in facts(paper(workspace)).values() for name in enforced.split("\n")} - {"–"}
    assert len(named) > 30
    for name in named - {"mimamori.toml"}:
        if "/" in name:
            assert (ROOT / name).is_file()
            continue
        parts = name.split(".")
        module = ".".join(part for part in parts if part[0].islower())
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError:
            found = importlib.import_module(module.rpartition(".")[0])
        for part in parts[len(found.__name__.split(".")) :]:
            found = getattr(found, part)
        assert callable(found)


def test_every_line_says_what_enforces_it_or_is_for_the_city(workspace):
    said = facts(paper(workspace))
    fields = {SAY(f"field_{name}") for name in FIELDS}
    assert {item for item, (_, enforced) in said.items() if enforced == "–"} == fields
    assert {said[item][0] for item in fields} == {SAY("open")}


def test_what_the_city_says_takes_the_place_of_what_is_open(workspace, tmp_path):
    file = tmp_path / "filled.toml"
    file.write_text('contact = "Children\'s office, 072-000-0000"\n')
    made = paper(workspace, read_filled(file))
    assert facts(made)[SAY("field_contact")][0] == "Children's office, 072-000-0000"
    assert f"({len(FIELDS) - 1} left)" in made.lead[1]


@pytest.mark.parametrize("written", ['colour = "red"', "contact = 3", "not toml"])
def test_a_file_of_fields_that_there_are_not_is_refused(written, tmp_path):
    (tmp_path / "filled.toml").write_text(written)
    with pytest.raises(UsageError):
        read_filled(tmp_path / "filled.toml")


def test_it_follows_the_approvals_in_force(workspace):
    said = facts(paper(workspace))
    assert "個人情報保護審議会" in said[SAY("basis", id="2026-03")][0]
    assert said[SAY("purpose", id="2026-03")][0].endswith("early support for children in hardship")
    assert said[SAY("columns", source="Health")][0].startswith("not read")
    assert said[SAY("columns", source="Welfare")][0].startswith("public_assistance, tax_exempt.")
    register.revoke(workspace, "2026-03", reason="ended", actor="os:operator")
    said = facts(paper(workspace))
    assert said[SAY("approval")][0] == "No approval is in force, so nothing is read."
    assert said[SAY("columns", source="Welfare")][0].startswith("not read")


def test_what_is_denied_and_how_long_each_kind_is_kept_is_said(workspace):
    said = facts(paper(workspace))
    assert all(group.law.en in said[SAY("denied", group=group.title.en)][0] for group in groups().values())
    assert all(
        f"2026-03 {1825 if rule.bound_by == 'retention_days' else 90} days"
        in said[SAY("kept", kind=catalogue()[f"retention.kind_{kind}"]["en"])][0]
        for kind, rule in kept().items()
    )


def test_the_roles_are_those_of_the_policy(workspace):
    told = {
        (role, reach): set(actions.split(" / ")) for role, reach, actions in table(paper(workspace), SAY("roles_title"))
    }
    for role in Role:
        for reach in Scope:
            expected = {policy().actions[action].en for action in Action if scope(role, action) is reach}
            key = policy().roles[role].title.en, policy().scopes[reach].en
            assert told.get(key, set()) == (set() if reach is Scope.NONE else expected)
    assert len(cells()) == len(Role) * len(Action)


def test_the_settings_of_the_city_are_in_it(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    settings = "max_set_aside = 0.1\ncapacity = 40\nmin_link_confidence = 0.95\nsecond_reviewer = true\n"
    city = approved_workspace(tmp_path / "city", settings + '[retention]\nstatistics = "ten_years"\n')
    said = facts(paper(city))
    assert "more than 10 %" in said[SAY("rows_checked")][0]
    assert "below 0.95" in said[SAY("links")][0]
    assert "second reviewer is required: yes" in said[SAY("links")][0]
    assert "Size of a year's list: 40 " in said[SAY("work")][0]
    assert said[SAY("kept", kind=catalogue()["retention.kind_statistics"]["en"])][0].startswith(
        catalogue()["retention.rule_ten_years"]["en"]
    )


def test_the_log_is_counted_and_children_are_not_below_ten(workspace):
    run = publish(workspace)
    reviews.log_view(workspace, run_id=run, actor="os:operator")
    made = paper(workspace, today=date.today())
    counts = dict(table(made, SAY("counts_title")))
    assert (counts["Run published"], counts["View"]) == ("1", "fewer than 10")
    assert facts(made)[SAY("people")][0] == f"In the last run {run}: children fewer than 10, records fewer than 10."
    assert "No alteration was found" in facts(made)[SAY("log")][0]
    page = rendered(made)
    assert not any(word in page for word in ("花子", "高橋", "p-hanako", "os:operator", "H-1"))


def test_every_kind_of_entry_has_a_name():
    assert [kind for kind in Kind if f"entry.{kind}" not in catalogue()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_threats_with_their_tests_are_in_it(workspace, language):
    page = rendered(paper(workspace, language=language))
    rows = [row for threat in threats() for row in threat.rows]
    assert len(rows) > 40
    assert all(row.test in page for row in rows)


def test_the_threats_are_those_of_the_page():
    page = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    assert [threat.title.en for threat in threats()] == list(sections)
    for threat in threats():
        body = sections[threat.title.en]
        lines = [line for line in body.splitlines() if line.startswith("|")][2:]
        rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
        assert [(row.can.en, row.then.en, f"`{row.test}`") for row in threat.rows] == rows, "threats.toml"
        left = body.partition("**Left:** ")[2]
        assert threat.left.en == " ".join(left.split())


def test_named_tests_of_the_threats_are_there():
    for threat in threats():
        for row in threat.rows:
            file, _, name = row.test.partition("::")
            assert name in functions_in(file)
