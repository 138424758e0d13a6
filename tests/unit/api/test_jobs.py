"""Runs started from a page: what lies in a delivery, what is asked for, how far it has come, and how it is stopped."""

import pytest

from governance import jobs
from governance.job_state import JobState, JobStep
from governance.jobs import Reason
from governance.runlog import Kind, entries
from tests.unit.api.operating_run import (
    ANALYST,
    COUNCIL,
    OPERATOR,
    SCHOOL_OFFICE,
    SHA256,
    Client,
    publish_run,
)

FORM = {
    "delivery": "april",
    "sha256": SHA256,
    "approval": "2026-03",
    "capacity": "0.02",
    "max_set_aside": "0.2",
    "min_link_confidence": "0.9",
}


@pytest.fixture
def client(empty, monkeypatch):
    folder = empty.path / "deliveries" / "april"
    folder.mkdir(parents=True)
    (folder / "school.csv").write_text("local_id,as_of\nS-1,2026-04-01\n")
    publish_run(empty)
    monkeypatch.setattr(jobs.access, "actor", lambda *_: OPERATOR)
    made = Client(empty, monkeypatch)
    yield made
    for lock in made.served.locks:
        lock.release()


@pytest.mark.parametrize("actor", [COUNCIL, ANALYST, SCHOOL_OFFICE])
@pytest.mark.parametrize("path", ["/runs/deliveries", "/runs/deliveries/april", "/runs/jobs", "/api/v1/jobs"])
def test_only_an_operator_comes_near_it(client, actor, path):
    assert client.ask(actor, path).status_code == 403
    assert client.ask(actor, "/runs/jobs", data=FORM).status_code == 403
    assert client.served.asked == []


def test_deliveries_are_listed_with_their_files_and_the_approvals_that_cover_them(client):
    (told,) = client.ask(OPERATOR, "/api/v1/deliveries").json()
    assert (told["name"], told["files"], told["fault"]) == ("april", 1, None)
    page = client.ask(OPERATOR, "/runs/deliveries/april?lang=en").text
    assert "2026-03" in page
    assert 'value="0.02"' in page


def test_a_delivery_that_leads_out_is_listed_with_its_fault(client, empty):
    (empty.path / "deliveries" / "april" / "keys.csv").symlink_to(empty.path / "mimamori.db")
    (told,) = client.ask(OPERATOR, "/api/v1/deliveries?lang=en").json()
    assert "leads out" in told["fault"]


def test_a_run_is_started_on_what_was_shown_and_its_page_is_told(client):
    answer = client.ask(OPERATOR, "/runs/jobs", data=FORM | {"as_of": "2026-04-01", "retrain": "true"})
    assert answer.status_code == 303
    (asked,) = client.served.asked
    assert (asked.approval, asked.delivery, asked.delivery_sha256, asked.capacity) == ("2026-03", "april", SHA256, 0.02)
    assert asked.parameters()["as_of"] == "2026-04-01"
    assert asked.retrain
    page = client.ask(OPERATOR, answer.headers["location"] + "?lang=en").text
    assert "waiting to begin" in page
    assert "Stop the run" in page
    assert answer.headers["location"] in client.ask(OPERATOR, "/runs?lang=en").text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("approval", ""),
        ("as_of", "1 April"),
        ("capacity", "0"),
        ("capacity", "1.5"),
        ("capacity", "nan"),
        ("max_set_aside", "2"),
        ("max_set_aside", "nan"),
        ("min_link_confidence", "x"),
    ],
)
def test_what_is_wrong_with_the_form_stands_beside_the_field_and_nothing_is_started(client, field, value):
    answer = client.ask(OPERATOR, "/runs/jobs?lang=en", data=FORM | {field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert f'href="#{field}"' in answer.text
    assert client.served.asked == []


def test_a_form_from_another_page_starts_nothing(client):
    answer = client.ask(OPERATOR, "/runs/jobs", data=FORM, headers={"Origin": "https://example.org"})
    assert answer.status_code == 403
    assert client.served.asked == []


def test_a_second_run_is_refused_in_words_while_one_is_under_way(client):
    client.ask(OPERATOR, "/runs/jobs", data=FORM)
    answer = client.ask(OPERATOR, "/runs/jobs?lang=en", data=FORM)
    assert answer.status_code == 409
    assert "Another run is under way" in answer.text
    body = {"approval": "2026-03", "delivery": "april", "delivery_sha256": SHA256}
    problem = client.ask(OPERATOR, "/api/v1/jobs?lang=en", json=body)
    assert problem.status_code == 409
    assert problem.headers["content-type"] == "application/problem+json"


def started(client):
    body = {"approval": "2026-03", "delivery": "april", "delivery_sha256": SHA256, "capacity": 40}
    answer = client.ask(OPERATOR, "/api/v1/jobs", json=body)
    assert answer.status_code == 201
    return answer.json()["id"]


def test_how_far_it_has_come_is_told_in_words_and_as_json(client, empty):
    job = started(client)
    assert client.served.asked[0].capacity == 40
    jobs.begin(empty, job)
    jobs.enter_stage(empty, job, "output.stage_begin", run="r1")
    jobs.enter_stage(empty, job, "output.stage_read", run="r1")
    told = client.ask(OPERATOR, f"/api/v1/jobs/{job}?lang=en").json()
    assert told["said"] == "under way, stage 2 of 3: Reading the extracts"
    assert [one["state"] for one in told["stages"]] == ["done", "under_way", "to_come"]
    page = client.ask(OPERATOR, f"/runs/jobs/{job}?lang=en")
    assert 'role="status"' in page.text
    assert "Refresh" not in page.headers
    assert client.ask(OPERATOR, f"/runs/jobs/{job}?follow=true").headers["Refresh"] == "10"


def test_a_job_is_stopped_by_a_form_and_once(client, empty):
    job = started(client)
    jobs.begin(empty, job)
    for _ in range(2):
        assert client.ask(OPERATOR, f"/runs/jobs/{job}/stop", data={"x": ""}).status_code == 303
    told = client.ask(OPERATOR, f"/api/v1/jobs/{job}").json()
    assert (told["state"], told["stopping"]) == ("running", True)
    with empty.reading() as connection:
        assert len(entries(connection, kinds=[Kind.JOB])) == 3
    assert client.ask(COUNCIL, f"/runs/jobs/{job}/stop", data={"x": ""}).status_code == 403


def test_a_job_whose_process_is_gone_is_shown_as_not_completed_with_what_to_do(client, empty):
    job = started(client)
    jobs.begin(empty, job)
    client.served.locks.pop().release()
    page = client.ask(OPERATOR, f"/runs/jobs/{job}?lang=en").text
    assert "not completed" in page
    assert "Start it again" in page
    assert client.ask(OPERATOR, "/runs/jobs", data=FORM).status_code == 303


def test_why_it_failed_is_said_in_the_readers_language_and_escaped(client, empty):
    job = started(client)
    jobs.begin(empty, job)
    reason = Reason("refusal.expired", {"approval": "2026-03", "day": "<b>", "valid_until": "2027-03-31"})
    ended = jobs.end(empty, job, JobStep.FAIL, reason=reason)
    assert ended.state is JobState.FAILED
    page = client.ask(OPERATOR, f"/runs/jobs/{job}").text
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert client.ask(OPERATOR, "/runs/jobs/nope").status_code == 404
