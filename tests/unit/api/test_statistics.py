"""Statistics on the pages: published numbers of a fixed set of tables; many questions tell of no small number."""

import json
from itertools import product

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog

from governance import releases
from governance.suppression import PROTECTION
from tests.unit.api.overseen_city import Browser, settle
from tests.unit.mimamori.small_run import approved_workspace
from tests.unit.mimamori.test_release import YEAR, publish

SEX, BAND = ("F", "M", "unknown"), ("preschool", "elementary", "junior_high", "high_school")
JUDGEMENT, LISTED = ("0", "1", "2", "3", "unknown"), ("no", "yes")
PLACES = {"sex": 0, "band": 1, "judgement:overall": 2, "flag:any": 3}
GROUPS = list(product(SEX, BAND, JUDGEMENT, LISTED))

TABLES = """\
[[tables]]
name = "overall"
title = { ja = "区分", en = "Judgement" }
by = ["band"]
of = "judgement:overall"
[[tables]]
name = "by_sex"
title = { ja = "性別の区分", en = "Judgement by sex" }
by = ["sex"]
of = "judgement:overall"
[[tables]]
name = "listed"
title = { ja = "一覧", en = "<b>Listed" }
by = ["sex"]
of = "flag:any"
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    workspace = approved_workspace(tmp_path / "workspace")
    (workspace.path / "release_tables.toml").write_text(TABLES, encoding="utf-8")
    return workspace, publish(workspace)


@pytest.fixture
def browser(run):
    return Browser(settle(run[0]))


def drafted(browser, name="bunseki", years=(YEAR,)):
    answer = browser.post("/statistics", name, data={"years": [str(year) for year in years]})
    assert answer.status_code == 303
    return answer.headers["location"].rpartition("/")[2]


def published(browser):
    made = drafted(browser)
    assert browser.post(f"/statistics/{made}/approval", "shingi").status_code == 303
    assert browser.post(f"/statistics/{made}/publication", "bunseki").status_code == 303
    return made


def test_numbers_are_shown_once_a_second_person_approved_and_they_are_published(browser):
    made = drafted(browser)
    path = f"/api/v1/statistics/releases/{made}"
    assert browser.get(path, "bunseki").json()["shown"] == []
    assert len(browser.get(path, "shingi").json()["shown"]) == 3  # who approves sees what is approved
    assert browser.post(f"/statistics/{made}/publication", "bunseki").status_code == 409
    assert browser.post(f"/statistics/{made}/approval", "bunseki").status_code == 403
    browser.post(f"/statistics/{made}/approval", "shingi")
    assert browser.get("/api/v1/statistics", "shien").json()["tables"] == []
    browser.post(f"/statistics/{made}/publication", "bunseki")
    assert len(browser.get(path, "bunseki").json()["shown"]) == 3
    assert [one["name"] for one in browser.get("/api/v1/statistics", "shien").json()["tables"]] == [
        "overall",
        "by_sex",
        "listed",
    ]


def test_every_number_is_redacted_and_rounded_wherever_it_stands(browser):
    made = published(browser)
    told = browser.get("/api/v1/statistics", "bunseki")
    counts = [cell["count"] for table in told.json()["tables"] for row in table["rows"] for cell in row["cells"]]
    given = [count for count in counts if count is not None]
    assert None in counts
    assert min(given) >= 10
    assert all(count % 5 == 0 for count in given)
    assert "small" not in told.text
    page = browser.get(f"/statistics?year={YEAR}&lang=en", "bunseki").text
    assert "&lt;b&gt;Listed" in page
    assert "<svg" in page
    assert page.count("not given") > counts.count(None)
    written = browser.get(f"/statistics/{made}/overall.csv", "bunseki")
    assert written.content.startswith(b"\xef\xbb\xbfyear,band,judgement:overall,count")


def test_files_are_those_of_published_releases_only(browser):
    made = drafted(browser)
    assert browser.get(f"/statistics/{made}/overall.csv", "shingi").status_code == 404
    browser.post(f"/statistics/{made}/approval", "shingi")
    browser.post(f"/statistics/{made}/publication", "bunseki")
    assert browser.get(f"/statistics/{made}/metadata.json", "shien").status_code == 200
    assert browser.get(f"/statistics/{made}/absent.csv", "shien").status_code == 404
    assert browser.get("/statistics/absent", "shien").status_code == 404
    held = browser.workspace.path / "releases" / made / "overall.csv"
    assert held.read_bytes() == browser.get(f"/statistics/{made}/overall.csv", "shien").content


def test_nothing_but_the_fixed_set_can_be_asked_for(browser):
    browser.post("/statistics", "bunseki", data={"years": [str(YEAR)], "tables": "other", "by": "school"})
    (made,) = releases.list_releases(browser.workspace)
    assert [table["name"] for table in made.document["tables"]] == ["overall", "by_sex", "listed"]
    for years in ([], ["1999"]):
        assert browser.post("/statistics", "bunseki", data={"years": years}).status_code == 409
    for name in ("shien", "shingi", "admin"):
        assert browser.post("/statistics", name, data={"years": [str(YEAR)]}).status_code == 403


def test_a_withdrawal_needs_its_reason_and_a_role(browser):
    made = published(browser)
    assert browser.post(f"/statistics/{made}/withdrawal", "shien", data={"reason": "x"}).status_code == 403
    assert browser.post(f"/statistics/{made}/withdrawal", "bunseki", data={"reason": " "}).status_code == 409
    assert browser.post(f"/statistics/{made}/withdrawal", "shingi", data={"reason": "x"}).status_code == 303
    assert browser.get("/api/v1/statistics", "shien").json()["tables"] == []


def seen(browser):
    """Everything that an analyst gets to see, whatever is asked for: every table of every release, each cell once."""
    listed = browser.get("/api/v1/statistics", "bunseki").json()["releases"]
    for one in listed:
        yield from browser.get(f"/api/v1/statistics/releases/{one['id']}?lang=en", "bunseki").json()["shown"]


def tables_told(browser):
    """As `seen`, each table's cells in their own words, from the documents whose tables are shown."""
    shown = {(table["release"], table["name"]) for table in seen(browser)}
    for release in releases.list_releases(browser.workspace):
        for table in release.document["tables"]:
            if (release.id, table["name"]) in shown:
                yield table


def test_an_analyst_who_asks_again_and_again_learns_no_small_number(browser, run):
    """The attacker knows every relation, the rules, and even which withheld numbers are small."""
    published(browser)
    for _ in range(2):
        browser.post("/statistics", "bunseki", data={"years": [str(YEAR)]})  # the same again
    publish(run[0], missing=60)  # a later run, in which children are missing
    answer = browser.post("/statistics", "bunseki", data={"years": [str(YEAR)]})
    assert answer.status_code == 409  # what was published is not so in it: no difference of two runs is told
    for release in releases.list_releases(browser.workspace):
        if release.state.value == "draft":
            browser.post(f"/statistics/{release.id}/approval", "shingi")
            browser.post(f"/statistics/{release.id}/publication", "bunseki")
    told = list(tables_told(browser))
    assert len(told) == 9
    assert min(widths(told)) >= PROTECTION - 1e-6


def widths(tables):
    """Widths of the intervals in which an attacker, reckoning with every group of children, has each small number."""
    rows, low, high, small = [], [], [], []
    for table in tables:
        at = {column: place for place, column in enumerate(table["columns"])}
        for cell in table["cells"]:
            wanted = {PLACES[name]: cell[at[name]] for name in table["dimensions"]}
            count, is_small = cell[at["count"]], cell[at["small"]]
            rows.append([all(value in ("*", group[place]) for place, value in wanted.items()) for group in GROUPS])
            small.append(is_small)
            low.append(0 if is_small else 10 if count is None else max(10, count - 2))
            high.append(9 if is_small else 10_000 if count is None else count + 2)
    cells, least, most = sparse.csr_array(np.array(rows, float)), np.array(low, float), np.array(high, float)
    bounds = {"A_ub": sparse.vstack([cells, -cells]), "b_ub": np.concatenate([most, -least])}
    for place in np.flatnonzero(small):
        ends = [linprog(sign * cells[[place]].toarray()[0], **bounds, method="highs") for sign in (1, -1)]
        assert all(end.status == 0 for end in ends)
        if cells[[place]].sum():
            yield -ends[1].fun - ends[0].fun


def test_the_lone_operator_sees_statistics_after_two_clicks(run):
    browser = Browser(run[0])
    made = drafted(browser, None)
    assert browser.post(f"/statistics/{made}/publication").status_code == 303
    assert browser.get("/api/v1/statistics").json()["year"] == YEAR


def test_without_a_run_there_is_nothing_to_draft(empty):
    page = Browser(empty).get("/statistics?lang=en")
    assert page.status_code == 200
    assert "No statistics have been published yet" in page.text
    assert 'method="post" action="/statistics"' not in page.text


def test_what_is_kept_of_a_release_names_no_child(browser):
    published(browser)
    assert "p12" not in json.dumps([one.document for one in releases.list_releases(browser.workspace)])
