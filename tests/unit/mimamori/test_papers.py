"""The papers for the public and the council: what is in force is in them, and nothing that points to a child."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from markupsafe import escape
from playwright.sync_api import sync_playwright
from typer.testing import CliRunner

from governance import alerts, break_glass, disposal, gate, outcomes, register, reviews
from governance.access import Actor
from governance.grants import GrantState
from governance.outcome_state import Outcome
from governance.outcomes import Finding
from governance.public_page import Checked, public_page
from governance.runlog import Kind
from indicators.judgement_rules import SCOPES
from indicators.rules import load_rules
from mimamori.city_rules import load_city_rules
from mimamori.cli import app
from mimamori.papers.council import council_paper
from mimamori.papers.council_period import read_period
from mimamori.papers.paper import Paper, Section, Table, kind_name, rendered, saying, shown, write_paper
from mimamori.papers.public_log import public_log_paper
from mimamori.papers.variables import begins_in_words, variables_paper
from tests.unit.governance.conftest import DAY
from tests.unit.mimamori.small_run import approved_workspace, publish
from vocabulary.errors import RefusalError, UsageError
from vocabulary.source import load_sources
from vocabulary.texts import LANGUAGES

TODAY = date.today()


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    return approved_workspace(tmp_path / "city")


def period(workspace):
    return read_period(workspace, TODAY - timedelta(days=1), TODAY + timedelta(days=1))


def invoke(workspace, *arguments):
    done = CliRunner().invoke(app, ["papers", *map(str, arguments), "--workspace", str(workspace.path)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


def rows(paper, title):
    (section,) = [section for section in paper.sections if section.title == title]
    return [row for table in section.tables for row in table.rows]


def test_every_column_and_every_indicator_is_in_the_list(workspace):
    paper = variables_paper(workspace, "en", today=DAY)
    columns = {row[0] for source in load_sources().values() for row in rows(paper, f"Source: {source.title.en}")}
    assert columns == {column for source in load_sources().values() for column in source.measurements}
    page = rendered(paper)
    rules = load_city_rules(workspace)
    assert all(f">{escape(rule.title.en)}<" in page for rule in rules.indicators.indicators.values())
    assert rules.indicators.version[:12] in page


@pytest.mark.parametrize(
    ("indicator", "begins", "language", "said"),
    [
        ("public_assistance", 1, "en", "received"),
        ("child_rearing_allowance", 1, "en", "from “partial”"),
        ("child_rearing_allowance", 2, "ja", "全部支給"),
        ("nursery_fee_arrears", 3, "ja", "3か月以上"),
        ("nursery_fee_arrears", 1, "en", "1 month or more"),
        ("score_math", 40, "en", "40 or less"),
        ("height", -2, "ja", "平均より2 SD以上低い"),
        ("height", -1.5, "en", "1.5 SD or more below"),
    ],
)
def test_thresholds_are_said_in_words(indicator, begins, language, said):
    rule = load_rules().indicators[indicator]
    assert begins_in_words(rule, begins, saying(language), language) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_threshold_and_every_judgement_is_in_the_list(workspace, language):
    page = rendered(variables_paper(workspace, language, today=DAY))
    rules = load_city_rules(workspace)
    for rule in rules.indicators.indicators.values():
        for cut in rule.levels:
            assert f"{cut.level}: {escape(begins_in_words(rule, cut.begins, saying(language), language))}" in page
    steps = [step for scope in SCOPES for step in rules.judgements.steps(scope)]
    assert all(str(escape(getattr(step.words, language))) in page for step in steps)
    assert "0.02" in page  # size of the list
    assert "0.9" in page  # least link confidence


def test_what_may_be_read_follows_the_approvals_in_force(workspace):
    def read(day):
        paper = variables_paper(workspace, "en", today=day)
        return {row[0]: row[3] for row in rows(paper, "Source: Welfare")}

    assert read(DAY)["tax_exempt"] == "2026-03"
    assert read(DAY)["single_parent"] == "not read"
    assert set(read(date(2031, 1, 1)).values()) == {"not read"}
    register.revoke(workspace, "2026-03", reason="ended", actor="os:operator")
    assert set(read(DAY).values()) == {"not read"}
    assert "No approval is in force" in rendered(variables_paper(workspace, "en", today=DAY))


@pytest.mark.parametrize("count", range(10))
def test_small_counts_of_children_are_not_printed(count):
    assert shown(count, saying("en")) == "fewer than 10"


@pytest.mark.parametrize(
    ("count", "said"), [(10, "about 10"), (12, "about 10"), (13, "about 15"), (1004, "about 1,005")]
)
def test_larger_counts_are_rounded(count, said):
    assert shown(count, saying("en")) == said


def test_the_council_is_told_runs_refusals_and_views_by_role(workspace):
    run = publish(workspace)
    reviews.log_view(workspace, run_id=run, body={"left": 0, "right": 1}, actor="os:operator")
    with pytest.raises(RefusalError):
        gate.admit(workspace, "中村花子", today=DAY, delivered=["school"], actor="os:operator")
    with pytest.raises(RefusalError):
        gate.admit(workspace, "2026-03", today=date(2031, 1, 1), delivered=["school"], actor="os:operator")
    paper = council_paper(period(workspace), "en")
    assert [row[0] for row in rows(paper, "Runs")] == [run]
    assert [row[1:] for row in rows(paper, "Refusals")] == [
        ("(an approval that is not registered)", "the approval is not registered"),
        ("2026-03", "after the approval's period"),
    ]
    assert rows(paper, "Views") == [("Review of a link (with names)", "User of the computer (no account)", "1")]
    page = rendered(paper)
    assert "no alteration was found" in page
    assert "花子" not in page


def test_emergency_access_and_its_alert_are_told_without_child_account_or_reason(workspace):
    publish(workspace)
    worker, reviewer = Actor("os:planted-worker", None), Actor("os:planted-reviewer", None)
    first = break_glass.use(workspace, "p-hanako", reason="planted-reason", minutes=30, actor=worker)
    break_glass.use(workspace, "p-momoko", reason="planted-reason", minutes=60, actor=worker)
    break_glass.review(workspace, first.id, GrantState.JUSTIFIED, reason="planted", actor=reviewer)
    alerts.acknowledge(workspace, alerts.list_alerts(workspace)[0].id, actor=reviewer)
    paper = council_paper(period(workspace), "en")
    assert [row[1:] for row in rows(paper, "Emergency access")] == [
        ("User of the computer (no account)", 30, "justified"),
        ("User of the computer (no account)", 60, "not yet"),
    ]
    assert rows(paper, "Alerts") == [("emergency access was used", 2, 1)]
    page = rendered(paper)
    assert not any(word in page for word in ("planted", "hanako", "momoko"))


def test_disposals_are_told_with_what_was_destroyed(workspace, monkeypatch):
    run, later = publish(workspace), TODAY + timedelta(days=4000)
    monkeypatch.setattr(disposal, "today", lambda: later)
    disposal.dispose(workspace, before=later, actor="os:operator")
    ((_, subject, data, files, completed),) = rows(council_paper(period(workspace), "en"), "Disposals")
    assert (subject, completed) == (run, "yes")
    assert "identities" in data
    assert "identities" in data.lower() or "numbers" in data.lower()
    assert files > 0


def test_every_entry_is_told_somewhere_and_those_of_one_child_are_protected(workspace):
    run = publish(workspace)
    told = [Finding(f"p-{at}", 2025, Outcome.CONFIRMED, TODAY, run) for at in range(12)]
    outcomes.record(workspace, told, actor="os:operator")
    made = period(workspace)
    others = dict(rows(council_paper(made, "en"), "Everything else in the log"))
    assert others["Outcome recorded"] == "about 10"
    assert others["Run started"] == "1"
    assert {kind_name(entry.kind, saying("en")) for entry in made.entries} <= {*others, "Run published"}


def test_a_draft_of_a_release_has_not_left(workspace):
    workspace.log(actor="os:operator", kind=Kind.RELEASE, subject="a1", body={"state": "draft"})
    workspace.log(actor="os:operator", kind=Kind.RELEASE, subject="a1", body={"files": {"children.csv": "0"}})
    left = rows(council_paper(period(workspace), "en"), "Exports, evaluations, releases")
    assert [row[1:] for row in left] == [("Release of statistics", "a1", "children")]


def test_another_period_has_nothing_of_it(workspace):
    publish(workspace)
    long_ago = read_period(workspace, date(2020, 1, 1), date(2020, 12, 31))
    paper = council_paper(long_ago, "en")
    assert (long_ago.entries, rows(paper, "Runs"), rows(paper, "Views")) == ([], [], [])


def test_false_alarms_are_told_in_words_and_small_ones_are_not_counted(workspace):
    run = publish(workspace)
    told = [*[Outcome.CONFIRMED] * 14, *[Outcome.NOT_NEEDED] * 3]
    found = [Finding(f"p-{at}", 2025, outcome, TODAY, run) for at, outcome in enumerate(told)]
    outcomes.record(workspace, [*found, Finding("p-99", 2025, Outcome.NOT_NEEDED, TODAY)], actor="os:operator")
    page = rendered(council_paper(period(workspace), "en"))
    assert "looked at from the list: about 15" in page
    assert "fewer than 10 needed no support" in page
    assert "p-0" not in page


def test_an_alteration_is_in_the_report(workspace):
    run = publish(workspace)
    (workspace.run_folder(run) / "added.txt").write_text("x")
    assert "1 alteration(s) were found" in rendered(council_paper(period(workspace), "en"))


def test_what_has_no_name_here_is_called_another(workspace):
    made = period(workspace)
    paper = council_paper(replace(made, approvals=[("a", "b", "c", "unheard_of")]), "en")
    assert rows(paper, "Approvals") == [("a", "b", "c", "other", 0)]


NAMES = ("variables", "council", "assessment", "log")


def write_all(workspace, out):
    for name in NAMES:
        period = ["--from", TODAY, "--to", TODAY] if name == "council" else []
        invoke(workspace, name, *period, "--out", out)


def test_every_command_writes_both_languages(workspace, tmp_path):
    out = tmp_path / "papers"
    write_all(workspace, out)
    assert {file.name for file in out.iterdir()} == {
        f"{name}.{language}.html" for name in NAMES for language in LANGUAGES
    }
    for file in out.iterdir():
        page = file.read_text(encoding="utf-8")
        assert f'<html lang="{file.name.split(".")[1]}">' in page
        assert not re.search(r"<script|<link|<img|src=|url\(", page)
        assert file.stat().st_mode & 0o077 == 0


def test_the_public_page_of_the_log_names_nobody_and_has_the_checkpoint(workspace):
    run = publish(workspace)
    reviews.log_view(workspace, run_id=run, body={"left": 0, "right": 1}, actor="os:planted")
    page = public_page(workspace)
    for language in LANGUAGES:
        written = rendered(public_log_paper(page, language, today=TODAY))
        assert run in written
        assert "early support for children in hardship" in written
        assert all(str(escape(line)) in written for line in page.checkpoint.splitlines() if line)
        assert str(escape(page.key)) in written
        assert not any(word in written for word in ("planted", "os:operator", "花子", "p-hanako"))
    paper = public_log_paper(page, "en", today=TODAY)
    assert ("Run published", "1") in rows(paper, "What is in the log")
    assert ("View", "fewer than 10") in rows(paper, "What is in the log")
    assert "was not checked yet" in rendered(paper)


@pytest.mark.parametrize(("findings", "said"), [(0, "no alteration was found"), (3, "3 alteration(s) were found")])
def test_the_public_page_says_what_the_last_verification_found(workspace, findings, said):
    page = replace(public_page(workspace), checked=Checked("2026-11-01T00:00:00.000000+00:00", findings))
    assert said in rendered(public_log_paper(page, "en", today=TODAY))


def test_a_period_that_ends_before_it_begins(workspace, tmp_path):
    with pytest.raises(UsageError, match="begins on 2026-02-01"):
        invoke(workspace, "council", "--from", "2026-02-01", "--to", "2026-01-01", "--out", tmp_path)


def test_values_cannot_write_into_a_paper(tmp_path):
    table = Table("<b>", ["<i>"], [("<script>",)])
    file = write_paper(Paper("en", "<u>", ["<p>"], [Section("<s>", ["<q>"], [table])]), tmp_path / "paper.html")
    page = file.read_text(encoding="utf-8")
    assert not any(written in page for written in ("<b>", "<i>", "<script>", "<u>", "<s>", "<q>"))


@pytest.mark.slow
def test_the_papers_are_accessible(workspace, tmp_path):
    publish(workspace)
    write_all(workspace, tmp_path / "papers")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for file in sorted((tmp_path / "papers").iterdir()):
            for width in (360, 1280):
                page = browser.new_page(viewport={"width": width, "height": 900})
                page.goto(file.as_uri())
                found = Axe().run(page)
                assert found.violations_count == 0, found.generate_report()
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        browser.close()
