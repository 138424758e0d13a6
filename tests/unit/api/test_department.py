"""The use of a department's records, and who saw what: counted from the log, and of no child."""

from datetime import date

import polars as pl
import pytest

from governance import access, alerts, break_glass, views
from governance.custody import DataClass
from governance.gate import admit
from governance.manifest import Input
from governance.runlog import Kind
from governance.staging import stage
from tests.unit.api.overseen_city import Browser, settle
from tests.unit.api.test_approvals import in_force
from vocabulary.frames import FLAGS, PERSONS, TIMELINE

HELD = Input(name="school.csv", source="school", sha256="0" * 64, delivered=30, accepted=27, set_aside=3)


@pytest.fixture
def browser(empty):
    return Browser(settle(empty))


def a_run(browser):
    """A run of school's records, some of whose 30 children are known to welfare too; its id."""
    in_force(browser)
    grant = admit(browser.workspace, "2026-07", today=date(2026, 5, 1), delivered=["school"], actor="sato")
    persons = pl.DataFrame({"person_id": [f"p{at:05}" for at in range(30)]}).with_columns(
        sources=pl.when(pl.col("person_id") < "p00003").then(pl.lit("school;welfare")).otherwise(pl.lit("school"))
    )
    with stage(browser.workspace, grant, actor="sato") as staged:
        staged.write_frame("persons", pl.concat([PERSONS.to_frame(), persons], how="diagonal"), DataClass.PSEUDONYMOUS)
        staged.write_frame("timeline", TIMELINE.to_frame(), DataClass.PSEUDONYMOUS)
        staged.write_frame("flags", FLAGS.to_frame(), DataClass.PSEUDONYMOUS)
        staged.publish(inputs=[HELD], parameters={}, counts={}, seeds={})
    return staged.run_id


def look(browser, name, run, children):
    actor = access.actor(browser.workspace, name)
    for at in children:
        views.log_view(browser.workspace, actor, "child", run_id=run, person_id=f"p{at:05}")


def use(browser, source="school", name="gakko"):
    return browser.get(f"/api/v1/department/{source}?since=2026-01-01", name).json()


def test_every_use_is_told(browser):
    run = a_run(browser)
    look(browser, "shien", run, range(12))
    log = browser.workspace.log
    log(actor="sato", kind=Kind.EXPORT, subject=run, body={"files": {"flags.csv": "x"}, "recipient": "support_team"})
    log(actor="sato", kind=Kind.EXPORT, subject="another", body={"files": {"flags.csv": "x"}})
    log(actor="sato", kind=Kind.DISPOSAL, subject=run, body={"step": "begun", "classes": ["extracts"], "files": {}})
    log(actor="sato", kind=Kind.DISPOSAL, subject=run, body={"step": "completed", "begun": 1})
    log(actor="bunseki", kind=Kind.RELEASE, subject="abc", body={"run": run, "state": "draft"})
    found = use(browser)
    assert [(one["delivered"], one["accepted"], one["set_aside"]) for one in found["runs"]] == [(30, 27, 3)]
    assert found["runs"][0]["columns"] is None
    assert [(one["recipient"], one["tables"]) for one in found["exports"]] == [("support_team", ["flags"])]
    assert [(one["page"], one["views"], one["children"]) for one in found["views"]] == [("child", 12, 10)]
    assert len(found["disposals"]) == len(found["releases"]) == 1
    page = browser.get("/department?since=2026-01-01&lang=en", "gakko")
    assert "about 10" in page.text
    assert "p00001" not in page.text


def test_looks_at_children_of_whom_it_holds_nothing_are_not_counted(browser):
    run = a_run(browser)
    look(browser, "shien", run, range(12))
    assert use(browser, "welfare", "fukushi")["views"] == []  # the run read no record of welfare
    found = use(browser)["views"]
    assert found[0]["views"] == 12


def test_fewer_than_ten_children_are_not_told(browser):
    look(browser, "shien", a_run(browser), range(9))
    assert [(one["views"], one["children"]) for one in use(browser)["views"]] == [(9, None)]


def test_another_department_is_refused_and_the_council_sees_all(browser):
    a_run(browser)
    for path in ("/department?source=school", "/department/use.csv?source=school", "/api/v1/department/school"):
        assert browser.get(path, "fukushi").status_code == 403
        assert browser.get(path, "shingi").status_code == 200
    assert browser.get("/department?source=absent", "shingi").status_code == 404


def test_a_period_without_use_is_empty(browser):
    a_run(browser)
    found = browser.get("/api/v1/department/school?since=1999-01-01&until=1999-12-31", "gakko").json()
    assert (found["runs"], found["views"]) == ([], [])
    assert browser.get("/department?since=2026-05-01&until=2026-04-01", "gakko").status_code == 200


def test_the_file_has_no_formula(browser):
    run = a_run(browser)
    body = {"files": {"=cmd|x.csv": "x"}, "recipient": "=HYPERLINK(1)"}
    browser.workspace.log(actor="sato", kind=Kind.EXPORT, subject=run, body=body)
    written = browser.get("/department/use.csv?source=school&since=2026-01-01", "gakko")
    assert written.content.startswith(b"\xef\xbb\xbf")
    assert "\"'=HYPERLINK" in written.text


def test_an_account_that_owns_nothing_is_told_so(browser):
    from governance import data_owners

    data_owners.set_owner(browser.workspace, "welfare", "gakko", actor="shingi")
    assert "answers for no source" in browser.get("/department?lang=en", "fukushi").text


def test_looks_are_counted_by_account_and_day(browser):
    run = a_run(browser)
    look(browser, "shien", run, [1, 2, 2])
    look(browser, "kocho", run, [1])
    browser.workspace.log(actor="shien", kind=Kind.VIEW, subject=run, body={"page": "review", "left": 1})
    browser.workspace.log(actor="shien", kind=Kind.VIEW, subject=run, body={"page": "flags"})
    found = browser.get("/api/v1/access", "shingi").json()
    told = {one["actor"]: (one["children"], one["opened"], one["links"], one["lists"]) for one in found["actors"]}
    assert told == {"shien": (2, 3, 1, 1), "kocho": (1, 1, 0, 0)}
    page = browser.get("/access", "shingi").text
    assert "p00001" not in page
    assert browser.get("/access?since=1999-01-01&until=1999-01-02", "shingi").text.count("shien") == 0


@pytest.mark.parametrize("name", ["shingi", "shien", "kocho", "admin", "bunseki", "gakko"])
def test_who_looked_at_one_child_is_not_for(browser, name):
    a_run(browser)
    assert browser.get("/access/child", name).status_code == 403
    assert browser.post("/access/child", name, data={"person": "p00001", "reason": "x"}).status_code == 403


def test_who_looked_at_one_child_is_asked_for_with_a_reason_that_is_logged_first(browser):
    look(browser, "shien", a_run(browser), [1])
    answer = browser.post("/access/child?lang=en", "sato", data={"person": "p00001", "reason": " "})
    assert (answer.status_code, "shien" in answer.text) == (400, False)
    before = browser.get("/api/v1/log?kind=view", "shingi").json()["total"]
    browser.post("/access/child", "sato", data={"person": "p99999", "reason": "請求 a1"})
    assert browser.get("/api/v1/log?kind=view", "shingi").json()["total"] == before + 1


def test_alerts_stay_unread_until_each_has_taken_note(browser):
    used(browser)
    (alert,) = browser.get("/api/v1/alerts", "shingi").json()["alerts"]
    assert browser.post(f"/alerts/{alert['id']}/acknowledgement", "shingi").status_code == 303
    assert browser.get("/api/v1/alerts", "shingi").json()["unread"] == 0
    assert browser.get("/api/v1/alerts", "gakko").json()["unread"] == 1
    assert browser.post("/alerts/absent/acknowledgement", "shingi").status_code == 404
    assert browser.get("/alerts", "shien").status_code == 403
    assert alerts.list_alerts(browser.workspace)[0].acknowledged == {"shingi"}


def used(browser):
    actor = access.actor(browser.workspace, "shien")
    return break_glass.use(browser.workspace, "p00001", reason="<b>至急の照会", minutes=30, actor=actor)


def test_emergency_access_is_reviewed_without_the_child_and_reading_its_reason_is_logged(browser):
    grant = used(browser)
    page = browser.get(f"/alerts/grants/{grant.id}?lang=en", "shingi").text
    assert "&lt;b&gt;至急の照会" in page
    assert "p00001" not in page
    assert browser.get("/api/v1/log?kind=view", "shingi").json()["total"] == 1
    wrong = browser.post(f"/alerts/grants/{grant.id}/review", "shingi", data={"reason": "x"})
    assert wrong.status_code == 400
    blank = browser.post(f"/alerts/grants/{grant.id}/review", "shingi", data={"verdict": "justified"})
    assert blank.status_code == 400
    given = {"verdict": "justified", "reason": "連絡がつかなかった"}
    assert browser.post(f"/alerts/grants/{grant.id}/review", "shien", data=given).status_code == 403
    assert browser.post(f"/alerts/grants/{grant.id}/review", "shingi", data=given).status_code == 303
    assert browser.get("/api/v1/alerts", "shingi").json()["grants"][0]["state"] == "justified"
    assert browser.get("/alerts/grants/absent", "shingi").status_code == 404


def test_where_the_look_cannot_be_logged_the_reason_is_not_shown(browser, monkeypatch):
    grant = used(browser)

    def full(*_, **__):
        raise OSError("disk")

    monkeypatch.setattr("api.oversight.alerts.views.log_view", full)
    answer = browser.get(f"/alerts/grants/{grant.id}", "shingi")
    assert answer.status_code == 503
    assert "至急" not in answer.text
