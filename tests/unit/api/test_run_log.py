"""The run log on the page: what an entry may tell, verification while pages are served, checkpoints from outside."""

import time

import pytest
from sqlalchemy import text as sql

from governance.note import make_witness_key
from governance.runlog import Kind
from governance.witness import countersign
from tests.unit.api.overseen_city import Browser, settle


@pytest.fixture
def browser(workspace):
    return Browser(settle(workspace))


def log(workspace, kind, subject, **body):
    workspace.log(actor="shien", kind=kind, subject=subject, body=body)


def verified(browser, name="shingi"):
    """Start a verification and wait for its end."""
    assert browser.post("/log/verification", name).status_code == 303
    for _ in range(200):
        found = browser.get("/api/v1/log/verification", name).json()
        if not found["running"]:
            return found
        time.sleep(0.05)
    raise AssertionError("it does not end")


def test_entries_by_kind_and_day(browser):
    found = browser.get("/api/v1/log?kind=account_added&lang=en", "shingi").json()
    assert found["total"] == 9
    assert {entry["kind"] for entry in found["entries"]} == {"account_added"}
    assert [entry["seq"] for entry in found["entries"]] == sorted((e["seq"] for e in found["entries"]), reverse=True)
    assert browser.get("/api/v1/log?since=2999-01-01", "shingi").json()["total"] == 0
    assert browser.get("/api/v1/log?until=1999-01-01", "shingi").json()["total"] == 0


def test_pages_go_through_the_whole_log(browser):
    for at in range(120):
        log(browser.workspace, Kind.VIEW, f"r{at}", page="flags")
    first = browser.get("/api/v1/log", "shingi").json()
    last = browser.get("/api/v1/log?page=999", "shingi").json()
    seen = [
        e["seq"]
        for page in range(1, last["page"] + 1)
        for e in browser.get(f"/api/v1/log?page={page}", "shingi").json()["entries"]
    ]
    assert seen == list(range(first["total"], 0, -1))


@pytest.mark.parametrize(
    ("kind", "subject", "body"),
    [
        (Kind.VIEW, "a-case-of-hanako", {"page": "child", "person": "p00001"}),
        (Kind.REFUSAL, "山田花子", {"rule": "refusal.unknown", "values": {"x": "p00001"}}),
        (Kind.CASE_OPENED, "a-case-of-hanako", {"state": "open", "person": "p00001"}),
        (Kind.SUBJECT_REQUEST, "a-request", {"request": "objection", "state": "received", "reason": "山田花子"}),
        (Kind.OUTCOME_RECORDED, "an-outcome", {"person": "p00001"}),
    ],
)
def test_no_entry_tells_of_a_child(browser, kind, subject, body):
    log(browser.workspace, kind, subject, **body)
    for path in ("/log", "/api/v1/log", "/public/log"):
        told = browser.get(path, "shingi").text
        assert subject not in told
        assert "p00001" not in told
        assert "山田花子" not in told


def test_what_was_refused_is_told_in_words(browser):
    browser.get("/log", "shien")
    assert "see the run log" in browser.get("/log?lang=en&kind=refusal", "shingi").text


def test_verification_leaves_its_result_in_the_log(browser):
    found = verified(browser)
    assert (found["count"], found["by"], found["failed"]) == (0, "shingi", False)
    page = browser.get("/log?lang=en", "shingi2").text
    assert "everything is as it was written" in page
    assert browser.get("/api/v1/log?kind=log_verified", "shingi").json()["total"] == 1


def test_what_was_edited_is_found(browser):
    with browser.workspace.engine.begin() as connection:
        connection.execute(sql("update accounts set role = 'council' where name = 'bunseki'"))
    found = verified(browser)
    assert found["count"] > 0
    assert any("accounts" in finding for finding in found["findings"])
    assert "not as it was written" in browser.get("/log?lang=en", "shingi").text


def test_a_verification_under_way_is_told_with_its_progress(browser, monkeypatch):
    import threading

    begun, may_end = threading.Event(), threading.Event()

    def slow(workspace, *, actor, begin):
        begin("runs", 2, 7)
        begun.set()
        may_end.wait(10)
        raise RuntimeError("山田花子")

    monkeypatch.setattr("api.oversight.verifying.check", slow)
    browser.post("/log/verification", "shingi")
    assert begun.wait(10)
    answer = browser.get("/log?lang=en", "shingi")
    assert answer.headers["refresh"]
    assert "2 of 7" in answer.text
    assert browser.post("/api/v1/log/verification", "shingi").json()["running"]
    may_end.set()
    for _ in range(200):
        if not browser.get("/api/v1/log/verification", "shingi").json()["running"]:
            break
        time.sleep(0.05)
    page = browser.get("/log?lang=en", "shingi")
    assert "could not be completed" in page.text
    assert "refresh" not in page.headers


def test_a_kept_checkpoint_fits_until_the_log_is_rewritten(browser):
    kept = browser.get("/log/checkpoint.txt", "shingi").text
    three = "\r\n".join(kept.splitlines()[:3])
    for written in (kept, kept.replace("\n", "\r\n"), three):
        assert browser.post("/api/v1/log/comparison", "shingi", json={"checkpoint": written}).json()["fits"]
    with browser.workspace.engine.begin() as connection:
        connection.execute(sql("update log_entries set entry_hash = previous_hash where seq = 2"))
    found = browser.post("/api/v1/log/comparison?lang=en", "shingi", json={"checkpoint": kept}).json()
    assert not found["fits"]
    page = browser.get("/log/check", "shingi", params={"checkpoint": kept, "lang": "en"})
    assert "It does not fit" in page.text


def test_a_witness_cosigns_outside_and_the_line_is_kept(browser, tmp_path):
    witness = make_witness_key(tmp_path / "key", "council.example.jp")
    asked = browser.get("/api/v1/log/checkpoint", "shingi").json()
    from governance.note import parse_verifier_key

    key = parse_verifier_key(asked["verifier_key"])
    private = (tmp_path / "key").read_text()
    signed = countersign(asked["note"], log_key=key, seen=None, witness_key=private, at=int(time.time()))
    given = {"note": signed.note.replace("\n", "\r\n"), "key": str(witness)}
    assert browser.post("/log/countersign", "sato", data=given).status_code == 403
    assert browser.post("/log/countersign", "shingi", data=given).status_code == 303
    assert "council.example.jp saw the first" in browser.get("/log?lang=en", "shingi").text
    again = browser.get("/log/countersign", "shingi", params={"seen": signed.note})
    assert f"old {asked['size']}" in again.text
    assert private.strip() not in browser.get("/api/v1/log", "shingi").text


@pytest.mark.parametrize(("note", "key"), [("x", "x"), ("x", None), (None, None)])
def test_a_cosignature_that_is_none_is_not_kept(browser, tmp_path, note, key):
    witness = str(make_witness_key(tmp_path / "key", "council.example.jp"))
    given = {"note": note or browser.get("/log/checkpoint.txt", "shingi").text, "key": key or witness}
    answer = browser.post("/log/countersign?lang=en", "shingi", data=given)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert browser.post("/api/v1/log/countersignatures", "shingi", json=given).status_code == 400


def test_the_public_part_can_be_downloaded(browser):
    leaves = browser.get("/log/leaves.jsonl", "shingi").text
    assert len(leaves.splitlines()) == browser.get("/api/v1/log", "shingi").json()["total"]
    assert "shingi" not in leaves
    assert browser.get("/log/log.vkey", "shingi").text.startswith("mimamori/run-log")
