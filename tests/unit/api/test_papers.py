"""Papers, quality and the public log on the pages; and who may open what of all pages of oversight."""

import json

import pytest

from governance.account_state import Role
from governance.disclosure import THRESHOLD
from governance.runlog import Kind
from governance.runs import latest_run
from governance.workspace import Workspace
from tests.unit.api.overseen_city import PEOPLE, Browser, settle

OPENED_BY = {
    "/approvals": "shingi shingi2 sato gakko fukushi",
    "/approvals/2026-03": "shingi shingi2 sato gakko fukushi",
    "/approvals/2026-03/changes": "shingi shingi2 sato gakko fukushi",
    "/approvals/request/new": "sato",
    "/approvals/2026-03/amend": "sato",
    "/approvals/sources/owners": "shingi shingi2 admin",
    "/log": "shingi shingi2 sato",
    "/log/check": "shingi shingi2 sato",
    "/log/checkpoint.txt": "shingi shingi2 sato",
    "/log/leaves.jsonl": "shingi shingi2 sato",
    "/log/log.vkey": "shingi shingi2 sato",
    "/log/countersign": "shingi shingi2",
    "/department": "shingi shingi2 gakko fukushi",
    "/access": "shingi shingi2",
    "/access/child": "sato",
    "/alerts": "shingi shingi2 gakko fukushi",
    "/statistics": "shingi shingi2 sato gakko fukushi bunseki shien kocho",
    "/quality": "shingi shingi2 sato gakko fukushi bunseki",
    "/papers": "shingi shingi2 sato gakko fukushi bunseki",
    "/papers/variables": "shingi shingi2 sato gakko fukushi bunseki",
    "/papers/assessment": "shingi shingi2 sato gakko fukushi bunseki",
    "/papers/council": "shingi shingi2 sato gakko fukushi bunseki",
}
"""Pages, and the accounts that may open them."""

PROGRAMS = {
    "/api/v1/approvals": "/approvals",
    "/api/v1/approvals/2026-03": "/approvals/2026-03",
    "/api/v1/log": "/log",
    "/api/v1/log/verification": "/log",
    "/api/v1/log/checkpoint": "/log",
    "/api/v1/access": "/access",
    "/api/v1/alerts": "/alerts",
    "/api/v1/statistics": "/statistics",
    "/api/v1/quality": "/quality",
    "/api/v1/papers/variables": "/papers",
}
"""JSON, and the page whose accounts may ask for it."""


@pytest.fixture
def browser(workspace):
    return Browser(settle(workspace))


@pytest.mark.parametrize("name", PEOPLE)
def test_each_page_opens_to_those_who_may_and_to_nobody_else(browser, name):
    for path, names in OPENED_BY.items():
        expected = 200 if name in names.split() else 403
        assert (path, browser.get(path, name).status_code) == (path, expected)
    for path, page in PROGRAMS.items():
        answer = browser.get(path, name)
        allowed = name in OPENED_BY[page].split()
        assert (path, answer.status_code) == (path, 200 if allowed else 403)
        assert answer.headers["content-type"] == ("application/json" if allowed else "application/problem+json")


def test_a_stranger_is_asked_to_sign_in(browser):
    for path in (*OPENED_BY, *PROGRAMS):
        assert (path, browser.get(path).status_code in (303, 401)) == (path, True)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_workspace_without_anything_shows_its_pages(empty, language):
    browser = Browser(empty)
    for path in OPENED_BY:
        answer = browser.get(f"{path}?lang={language}")
        assert (path, answer.status_code) == (path, 404 if "2026-03" in path else 200)


def test_a_paper_is_read_here_and_taken_away(browser):
    page = browser.get("/papers/variables?lang=en", "shingi").text
    assert "<style" not in page
    assert "style=" not in page
    whole = browser.get("/papers/variables/file.html?lang=ja", "shingi")
    assert 'filename="variables.ja.html"' in whole.headers["content-disposition"]
    pdf = browser.get("/papers/variables/file.pdf?lang=ja", "shingi")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")
    for path in ("/papers/absent", "/papers/variables/file.docx", "/papers/absent/file.pdf"):
        assert browser.get(path, "shingi").status_code == 404
    assert browser.get("/papers/council?since=2026-05-01&until=2026-04-01", "shingi").status_code == 400


def test_the_public_page_is_closed_unless_the_settings_open_it(browser):
    assert browser.get("/public/log").status_code == 404
    settings = browser.workspace.path / "mimamori.toml"
    settings.write_text("[serve]\npublic_log = true\n", encoding="utf-8")
    opened = Browser(Workspace.open(browser.workspace.path))
    answer = opened.get("/public/log?lang=en")
    assert answer.status_code == 200
    assert not any(name in answer.text for name in PEOPLE)
    assert "log/2" in answer.text  # the checkpoint to copy
    assert opened.get("/log").status_code in (303, 401)


def test_quality_without_estimates_says_so(browser):
    page = browser.get("/quality?lang=en", "bunseki")
    assert "keeps no estimates" in page.text
    assert "was not compared" in page.text
    assert browser.get("/quality/linkage-model", "bunseki").status_code == 404
    assert browser.get("/quality/scorecards/absent", "bunseki").status_code == 404
    assert browser.get("/api/v1/quality", "bunseki").json()["estimates"] == {}


def test_an_evaluation_is_shown_only_if_it_is_the_one_that_was_logged(browser):
    run = latest_run(browser.workspace)
    reports = browser.workspace.path / "reports"
    reports.mkdir()
    (reports / f"{run}.json").write_text(json.dumps({"forged": True}), encoding="utf-8")
    body = {"files": {f"{run}.json": "0" * 64}}
    browser.workspace.log(actor="sato", kind=Kind.EVALUATION, subject=run, body=body)
    assert "was not compared" in browser.get("/quality?lang=en", "bunseki").text


def test_shares_of_fewer_than_ten_are_not_told():
    from evaluation.rate import Rate
    from mimamori.serving_papers import _rate

    few, enough = (Rate(hits=1.0, of=of, value=0.1, low=0.0, high=0.4) for of in (THRESHOLD - 1, THRESHOLD))
    assert _rate(few) == "–"
    assert _rate(enough) == "10% (0%–40%)"


def test_every_role_has_its_say_here():
    assert set(PEOPLE.values()) == set(Role)
