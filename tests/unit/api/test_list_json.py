"""The list and a child for programs: the same rows as on pages, in pages of their own, errors as problems."""

import pytest

from governance.access import Actor
from governance.account_state import Role
from governance.runs import latest_run

WORKER = Actor("sato", Role.SUPPORT_WORKER)
HEAD = Actor("kocho", Role.SCHOOL, frozenset({"S1"}))


def test_pages_of_the_list_hold_every_row_once(visit):
    first = visit("/api/v1/flags?limit=50", actor=WORKER).json()
    assert (first["total"], first["pages"], first["capacity"], first["year"]) == (120, 3, 3, 2025)
    rest = [visit(f"/api/v1/flags?limit=50&page={page}").json()["flags"] for page in (2, 3)]
    ranks = [flag["rank"] for flags in (first["flags"], *rest) for flag in flags]
    assert ranks == list(range(1, 121))
    assert first["flags"][0]["reasons"][0]["en"] == "Reason 0"
    assert first["flags"][0]["hands"] == "nobody"


def test_held_flags_have_no_rank(visit):
    held = visit("/api/v1/flags?held=1", actor=WORKER).json()["flags"]
    assert [(flag["person_id"], flag["rank"], flag["held"]) for flag in held] == [
        ("p00121", None, True),
        ("p00122", None, True),
    ]


@pytest.mark.parametrize("path", ["/api/v1/flags?limit=0", "/api/v1/flags?limit=1000", "/api/v1/flags?judgement=9"])
def test_what_cannot_be_asked_is_a_problem(visit, path):
    answer = visit(path, actor=WORKER)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_child_for_programs_is_the_child_of_the_page(workspace, visit):
    child = visit("/api/v1/children/p00002", actor=HEAD).json()
    assert (child["run"], child["school"], child["sources"]) == (
        latest_run(workspace),
        "S1",
        ["health", "school", "welfare"],
    )
    timeline = visit("/api/v1/children/p00002/timeline").json()
    assert len(timeline) == child["observations"] == 12
    assert {"date": "2025-04-01", "source": "school", "item": "score_math", "value": "48.5"} in timeline
    indicators = visit("/api/v1/children/p00002/indicators").json()
    assert [(one["year"], one["value"], one["usual_low"]) for one in indicators] == [
        (2024, 2.0, None),
        (2025, 2.0, 1.0),
    ]
    judgements = visit("/api/v1/children/p00002/judgements").json()
    assert judgements[0]["basis"][0]["ja"] == "欠席が多い年度です。"


def test_a_child_that_is_not_there_is_a_problem(visit):
    answer = visit("/api/v1/children/p99999")
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:mimamori:not_found"


def test_the_current_run_is_told(workspace, visit):
    told = visit("/api/v1/runs/current", actor=WORKER).json()
    assert (told["run"], told["approval"], told["years"]) == (latest_run(workspace), "2026-03", [2025, 2024])


def test_a_program_is_told_that_there_is_no_run_yet(empty, ask):
    answer = ask(empty, "/api/v1/flags")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"


def test_every_route_for_programs_is_described_and_no_page_is(visit):
    described = visit("/api/v1/openapi.json", actor=Actor("os:test", None)).json()["paths"]
    own = {"/api/v1/flags", "/api/v1/flags/counts", "/api/v1/runs/current", "/api/v1/children/{person_id}"}
    own |= {f"/api/v1/children/{{person_id}}/{part}" for part in ("timeline", "indicators", "judgements")}
    assert own <= set(described)
    assert all(path.startswith("/api/v1/") for path in described)
