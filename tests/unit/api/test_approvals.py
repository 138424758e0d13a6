"""Approvals on the pages: what is wrong stands at its line, two persons and the owners agree, versions are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.oversight.approval_words import line_of
from governance import register
from tests.unit.api.conftest import APPROVAL
from tests.unit.api.overseen_city import Browser, settle

NEW = APPROVAL.replace("2026-03", "2026-07", 1).replace(
    "[sources]",
    'kind = "包括"\nconditions = ["毎年報告"]\n[population]\nages = [0, 17]\n[sources]\nwelfare = ["tax_exempt"]',
)


@pytest.fixture
def browser(empty):
    return Browser(settle(empty))


def in_force(browser):
    browser.post("/approvals", "sato", data={"toml": NEW})
    browser.post("/approvals/2026-07/confirm", "shingi")
    for source, owner in (("school", "gakko"), ("welfare", "fukushi")):
        browser.post("/approvals/2026-07/countersign", owner, data={"source": source})
    return register.show(browser.workspace, "2026-07")


def test_the_lone_operator_requests_and_sees_it_in_words(empty):
    browser = Browser(empty)
    answer = browser.post("/approvals", data={"toml": NEW.replace("試行", "<script>試行")})
    assert (answer.status_code, answer.headers["location"]) == (303, "/approvals/2026-07")
    page = browser.get("/approvals/2026-07?lang=en").text
    assert "<script>試行" not in page
    assert "Aged 0 to 17" in page
    assert "tax exempt" in page
    assert "number shared by departments" not in page


def test_what_is_wrong_stands_at_its_line(browser):
    wrong = NEW.replace("retention_days = 1825", "retention_days = 0").replace("school =", "sport =")
    answer = browser.post("/approvals?lang=en", "sato", data={"toml": wrong})
    assert answer.status_code == 400
    line = wrong.splitlines().index("retention_days = 0") + 1
    assert f'href="#line-{line}"' in answer.text
    assert f'id="line-{line}" class="faulty"' in answer.text
    assert "sport =" in answer.text
    assert register.list_approvals(browser.workspace) == []


def test_two_faults_of_a_line_are_both_told(browser):
    wrong = NEW.replace('school = ["*"]', 'school = ["one", "two"]')
    page = browser.post("/approvals?lang=en", "sato", data={"toml": wrong}).text
    summary = page.partition('role="alert"')[2].partition("</ul>")[0]
    assert "no column one" in summary
    assert "no column two" in summary


def test_it_holds_once_another_person_and_the_owners_agreed(browser):
    assert browser.post("/approvals", "sato", data={"toml": NEW}).status_code == 303
    assert browser.post("/approvals/2026-07/confirm", "sato").status_code == 403
    assert browser.post("/approvals/2026-07/confirm", "shingi").status_code == 303
    page = browser.get("/approvals/2026-07?lang=en", "gakko").text
    assert "Countersign for School" in page
    assert "Countersign for Welfare" not in page
    assert browser.post("/approvals/2026-07/countersign", "gakko", data={"source": "welfare"}).status_code == 403
    assert in_force(browser).state is register.State.IN_FORCE


def test_what_speaks_against_a_step_stands_on_the_page(browser):
    in_force(browser)
    answer = browser.post("/approvals/2026-07/revoke?lang=en", "shingi", data={"reason": "  "})
    assert answer.status_code == 409
    assert 'id="revoke-error"' in answer.text
    assert register.show(browser.workspace, "2026-07").state is register.State.IN_FORCE


def test_an_amendment_is_compared_and_withdrawn(browser):
    in_force(browser)
    changed = NEW.replace('["tax_exempt"]', '["tax_exempt", "single_parent"]').replace("1825", "1000")
    assert browser.post("/approvals/2026-07/amend", "sato", data={"toml": changed}).status_code == 303
    page = browser.get("/approvals/2026-07/changes?lang=en", "shingi").text
    assert "<ins>welfare.single_parent</ins>" in page
    assert "1825" in page
    assert "tax_exempt</ins>" not in page
    answer = browser.post("/approvals/2026-07/revoke", "shingi", data={"reason": "x", "waiting_only": "true"})
    assert answer.status_code == 303
    held = register.history(browser.workspace, "2026-07")
    assert [one.state.value for one in held] == ["in_force", "revoked"]


def test_the_amendment_form_has_the_text_in_force(browser):
    in_force(browser)
    assert "ages = [0, 17]" in browser.get("/approvals/2026-07/amend", "sato").text


def test_programs_do_the_same(browser):
    wrong = browser.post("/api/v1/approvals?lang=en", "sato", json={"toml": "id = 1"})
    assert wrong.status_code == 409
    assert wrong.headers["content-type"] == "application/problem+json"
    assert "title" in wrong.json()["detail"]
    assert browser.post("/api/v1/approvals", "sato", json={"toml": NEW}).status_code == 201
    assert browser.post("/api/v1/approvals/2026-07/confirmation", "shingi").json()["state"] == "countersigning"
    signed = browser.post("/api/v1/approvals/2026-07/countersignatures", "gakko", json={"source": "school"}).json()
    assert signed["history"][0]["missing"] == ["welfare"]
    ended = browser.post("/api/v1/approvals/2026-07/revocation", "shingi", json={"reason": "not needed"}).json()
    assert ended["state"] == "revoked"
    listed = browser.get("/api/v1/approvals", "gakko").json()
    assert [one["id"] for one in listed["approvals"]] == ["2026-07"]


@pytest.mark.parametrize("path", ["", "/changes", "/amend"])
def test_an_approval_that_is_not_there_is_not_found(browser, path):
    assert browser.get(f"/approvals/absent{path}", "sato").status_code == 404


def test_owners_are_named_by_the_council_not_by_who_requests(browser):
    assert browser.get("/approvals/sources/owners", "sato").status_code == 403
    asked = {"source": "health", "account": "gakko"}
    assert browser.post("/approvals/sources/owners", "shingi", data=asked).status_code == 303
    refused = browser.post("/approvals/sources/owners?lang=en", "shingi", data=asked | {"account": "sato"})
    assert refused.status_code == 400
    assert 'id="owner-health-error"' in refused.text


@given(st.text(max_size=200), st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=3))
def test_a_line_is_one_of_the_text(toml, path):
    line = line_of(toml, path)
    assert line is None or 1 <= line <= len(toml.splitlines())


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (["id"], 1),
        (["sources", "school"], 4),
        (["sources", "sport"], 3),
        (["population", "ages"], 2),
        (["rules"], None),
    ],
)
def test_a_field_is_found_at_its_line_or_its_table(path, line):
    assert line_of('id = "a"\npopulation.ages = [0, 17]\n[sources]\nschool = ["*"]\n', path) == line
