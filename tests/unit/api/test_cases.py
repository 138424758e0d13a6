"""Cases as pages: taken from the list, worked on by forms, read by their worker alone; nothing twice, nothing lost."""

import asyncio
import re
from datetime import date, timedelta

import httpx
import pytest

from api.app import create_app
from governance import case_history, cases, outcomes
from governance import case_work as work
from governance.access import Actor
from governance.account_state import Role
from governance.case_state import CaseState, CaseStep
from governance.runlog import Kind, entries
from governance.verify import verify
from governance.workspace import current_user
from tests.unit.governance.cases_of import SOON, case_in, open_case, staff, take
from vocabulary.errors import WorkspaceError

INJECTED = "<script>alert('x')</script><b>太字</b>{{ 7 * 7 }} & ' \" javascript:alert(1)"


@pytest.fixture
def visit(workspace, monkeypatch):
    """Asks a page as somebody: `visit(path)`, `visit(path, data)`, with `actor` in a workspace with accounts."""
    app = create_app(workspace)

    def ask(path, data=None, *, actor=None, headers=None):
        if actor is not None:
            monkeypatch.setattr("api.frame.permission.signed_in", lambda request: _remember(request, actor))

        async def send():
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                if data is None:
                    return await client.get(path, headers=headers)
                return await client.post(path, data=data, headers=headers)

        return asyncio.run(send())

    return ask


def _remember(request, actor):
    request.state.actor = actor
    return actor


@pytest.fixture
def me():
    return Actor(current_user(), None)


def version(page):
    return re.search(r'name="seen" value="(\d+)"', page.text).group(1)


def steps_on(page):
    return re.findall(r'action="/cases/\w+/(\w+)"', page.text)


def views(workspace):
    with workspace.reading() as connection:
        return [entry.content["page"] for entry in entries(connection, kinds=[Kind.VIEW])]


def test_a_child_of_the_list_is_taken_and_a_second_press_leads_to_the_same_case(workspace, visit, me):
    first = visit("/cases", {"year": 2025, "person_id": "p00003"})
    assert first.status_code == 303
    (case,) = cases.all_cases(workspace)
    assert first.headers["location"] == f"/cases/{case.id}"
    assert (case.person_id, case.year, case.kinds, case.rank, case.assigned_to) == (
        ("p00003", 2025, ("learning",), 3, me.name)
    )
    assert visit("/cases", {"year": 2025, "person_id": "p00003"}).headers["location"] == f"/cases/{case.id}"
    assert cases.all_cases(workspace) == [case]


def test_several_children_are_taken_at_once(workspace, visit):
    answer = visit("/cases", {"year": 2025, "person_id": ["p00003", "p00004", "p00005"]})
    assert answer.headers["location"] == "/cases?taken=3"
    assert len(cases.all_cases(workspace)) == 3
    assert "3件を引き受けました" in visit("/cases?taken=3").text


def test_who_is_told_otherwise_says_how_and_of_whom(workspace, visit):
    assert visit("/cases/new?person_id=p00007").status_code == 200
    for person, words, told in (
        ("nobody", "学校から電話", "その番号の子どもはいません"),
        ("p00003", "", "言葉での説明が必要です"),
    ):
        answer = visit("/cases", {"year": 2019, "person_id": person, "text": words})
        assert answer.status_code == 422
        assert told in answer.text
        assert words in answer.text
    answer = visit("/cases", {"year": 2019, "person_id": " p00003 ", "text": "学校から電話"})
    assert answer.status_code == 303
    (case,) = cases.all_cases(workspace)
    assert (case.person_id, case.year, case.run, case.kinds) == ("p00003", 2019, None, ())
    assert "学校から電話" in visit(f"/cases/{case.id}").text


@pytest.mark.parametrize("state", CaseState)
def test_only_the_steps_that_are_allowed_are_offered(workspace, visit, me, state):
    case = case_in(workspace, state, me, "p00003")
    offered = steps_on(visit(f"/cases/{case.id}"))
    expected = {
        CaseState.NEW: ["assign"],
        CaseState.ASSIGNED: ["assess", "note", "disagree", "close"],
        CaseState.ASSESSED: ["assess", "plan", "follow_up", "note", "disagree", "close"],
        CaseState.PLANNED: ["assess", "plan", "follow_up", "note", "disagree", "close"],
        CaseState.FOLLOWING: ["assess", "plan", "follow_up", "note", "disagree", "close"],
        CaseState.CLOSED: ["reopen"],
    }
    assert offered == expected[state]


def test_a_case_from_the_list_to_its_end(workspace, visit, me):
    address = visit("/cases", {"year": 2025, "person_id": "p00003"}).headers["location"]
    for step, given in (
        ("note", {"text": "担任に電話した"}),
        ("assess", {"choice": "needs_support", "text": "欠席がふえた"}),
        ("plan", {"text": "家庭の困りごとを聞く", "who": ["担任", ""], "what": ["面談", ""]}),
        ("follow_up", {"due": SOON.isoformat(), "text": "会えた"}),
        ("disagree", {"kind": "learning", "choice": "explained"}),
    ):
        answer = visit(f"{address}/{step}", {"seen": version(visit(address)), **given})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{address}?done={step}")
        assert visit(f"{address}?done={step}").status_code == 200
    page = visit(address).text
    for words in ("担任に電話した", "欠席がふえた", "家庭の困りごとを聞く", "面談", "会えた", SOON.isoformat()):
        assert words in page
    assert [row[2] for row in outcomes.standing(workspace).rows()] == ["confirmed"]
    assert "同意しなかったお知らせ" in visit("/cases/team").text
    ended = visit(f"{address}/close", {"seen": version(visit(address)), "choice": "settled"})
    assert ended.headers["location"] == "/cases?done=close"
    assert "ケースを終えました" in visit("/cases?done=close").text
    (case,) = cases.all_cases(workspace)
    assert case.state is CaseState.CLOSED
    again = visit(f"{address}/reopen", {"seen": version(visit(address)), "text": "また休みはじめた"})
    assert again.headers["location"] == f"{address}?done=reopen"
    assert verify(workspace).findings == ()


def test_what_is_missing_is_said_beside_its_field_and_what_was_written_is_kept(workspace, visit, me):
    case = take(workspace, open_case(workspace, "p00003", me), CaseStep.ASSESS, me)
    address = f"/cases/{case.id}"
    for step, given, field in (
        ("note", {"text": "  "}, "note-text"),
        ("note", {"text": "x" * 4001}, "note-text"),
        ("assess", {"text": "わけだけ書いた"}, "assess-choice"),
        ("assess", {"choice": "nonsense", "text": "わけだけ書いた"}, "assess-choice"),
        ("follow_up", {"text": "会えた", "due": ""}, "follow_up-due"),
        ("follow_up", {"text": "会えた", "due": "2020-01-01"}, "follow_up-due"),
        ("close", {"text": "言葉だけ"}, "close-choice"),
    ):
        page = visit(f"{address}/{step}", {"seen": case.version, **given})
        assert page.status_code == 422
        assert f'<a href="#{field}">' in page.text
        assert f'id="{field}-error"' in page.text
        assert given["text"].strip()[:100] in page.text
    assert cases.find(workspace, case.id) == case


def test_what_changed_meanwhile_is_said_and_the_words_are_kept(workspace, visit, me):
    case = open_case(workspace, "p00003", me)
    work.note(workspace, case.id, "先に書かれたメモ", seen=case.version, actor=me)
    page = visit(f"/cases/{case.id}/note", {"seen": case.version, "text": "あとから書いたメモ"})
    assert page.status_code == 409
    for words in ("先に書かれたメモ", "あとから書いたメモ", "あなたが開いたあとに変わりました"):
        assert words in page.text
    again = visit(f"/cases/{case.id}/note", {"seen": version(page), "text": "あとから書いたメモ"})
    assert again.status_code == 303
    assert cases.find(workspace, case.id).version == case.version + 2


def test_a_form_sent_twice_is_taken_once(workspace, visit, me):
    case = open_case(workspace, "p00003", me)
    sent = {"seen": case.version, "text": "一度だけ"}
    answers = [visit(f"/cases/{case.id}/note", sent) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {303}
    assert cases.find(workspace, case.id).version == case.version + 1


def test_words_are_only_ever_text(workspace, visit, me):
    case = take(workspace, open_case(workspace, "p00003", me), CaseStep.ASSESS, me)
    for step, given in (
        (work.note, {"text": INJECTED}),
        (work.plan, {"text": INJECTED, "tasks": [work.Task(INJECTED, INJECTED)]}),
    ):
        case = step(workspace, case.id, seen=case.version, actor=me, **given)
    page = visit(f"/cases/{case.id}").text
    assert "<script" not in page
    assert "<b>太字" not in page
    assert "{{ 7 * 7 }}" in page
    assert page.count("&lt;script&gt;") >= 5
    wrong = visit(f"/cases/{case.id}/assess", {"seen": case.version, "text": INJECTED, "choice": INJECTED})
    assert "<script" not in wrong.text
    assert visit(f"/cases?done={INJECTED}").text.count("<script") == 0


def test_the_look_is_in_the_log_before_anything_is_opened(workspace, visit, me, monkeypatch):
    case = take(workspace, open_case(workspace, "p00003", me), CaseStep.NOTE, me)
    for path in ("/cases", "/cases/team", f"/cases/{case.id}"):
        assert visit(path).status_code == 200
    assert views(workspace) == ["cases", "team_cases", "case"]
    (workspace.path / "keys" / "log.key").rename(workspace.path / "elsewhere.key")
    opened = []
    monkeypatch.setattr(case_history, "opened", lambda *given: opened.append(given))
    for path in ("/cases", "/cases/team", f"/cases/{case.id}"):
        answer = visit(path)
        assert answer.status_code == 503
        assert "p00003" not in answer.text
    assert opened == []


@pytest.mark.parametrize(
    ("key", "status"), [("list.withheld", 200), ("custody.key_absent", 503), ("workspace.database_unreachable", 503)]
)
def test_only_a_run_that_may_not_be_shown_is_gone_on_without(workspace, visit, me, monkeypatch, key, status):
    case = case_in(workspace, CaseState.ASSIGNED, me)

    def fail(*_, **__):
        raise WorkspaceError(key, run="x", name="x", problem="x")

    monkeypatch.setattr("api.children.published.current", fail)
    assert visit(f"/cases/{case.id}").status_code == status


def test_unknown_addresses_are_not_found_and_a_number_change_is_no_form(workspace, visit, me):
    case = open_case(workspace, "p00003", me)
    assert visit("/cases/0000000000").status_code == 404
    assert visit("/cases/0000000000/note", {"seen": 1, "text": "x"}).status_code in (404, 409)
    assert visit(f"/cases/{case.id}/renumber", {"seen": case.version}).status_code == 404
    assert visit(f"/cases/{case.id}/nonsense", {"seen": case.version}).status_code == 422
    assert visit(f"/cases/{case.id}/note", {"text": "x"}).status_code == 422
    foreign = {"sec-fetch-site": "cross-site"}
    assert visit(f"/cases/{case.id}/note", {"seen": case.version, "text": "x"}, headers=foreign).status_code == 403
    assert cases.find(workspace, case.id) == case


def test_due_cases_stand_first_then_new_ones(workspace, visit, me, monkeypatch):
    staffed = staff(workspace, sato=Role.SUPPORT_WORKER, suzuki=Role.SUPPORT_WORKER)
    sato, suzuki = staffed["sato"], staffed["suzuki"]
    plain = open_case(workspace, "p00001", sato)
    handed = take(workspace, open_case(workspace, "p00002", suzuki), CaseStep.HAND_OVER, suzuki, to="sato")
    due = take(workspace, open_case(workspace, "p00003", sato), CaseStep.ASSESS, sato)
    due = work.follow_up(workspace, due.id, date.today(), seen=due.version, actor=sato)
    later = take(workspace, open_case(workspace, "p00004", sato), CaseStep.ASSESS, sato)
    later = work.follow_up(workspace, later.id, date.today() + timedelta(7), seen=later.version, actor=sato)
    page = visit("/cases", actor=sato).text
    shown = re.findall(r'href="/cases/(\w{10})"', page)
    assert shown == [due.id, handed.id, later.id, plain.id]
    team = visit("/cases/team?which=due", actor=suzuki).text
    assert re.findall(r'href="/cases/(\w{10})"', team) == [due.id]
    assert re.findall(r'href="/cases/(\w{10})"', visit("/cases/team?who=suzuki", actor=suzuki).text) == []


def test_another_workers_case_is_seen_without_its_words(workspace, visit):
    staffed = staff(workspace, sato=Role.SUPPORT_WORKER, suzuki=Role.SUPPORT_WORKER)
    case = open_case(workspace, "p00003", staffed["sato"])
    case = work.note(workspace, case.id, "母と話した", seen=case.version, actor=staffed["sato"])
    page = visit(f"/cases/{case.id}", actor=staffed["suzuki"])
    assert page.status_code == 200
    assert "母と話した" not in page.text
    assert "担当者だけが読めます" in page.text
    assert steps_on(page) == []
    refused = visit(f"/cases/{case.id}/note", {"seen": case.version, "text": "x"}, actor=staffed["suzuki"])
    assert refused.status_code == 403
    taken = visit(f"/cases/{case.id}/assign", {"seen": case.version, "account": "suzuki"}, actor=staffed["suzuki"])
    assert taken.status_code == 409
    assert cases.find(workspace, case.id) == case


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SUPPORT_WORKER])
def test_roles_without_a_part_in_cases_see_and_do_nothing(workspace, visit, role):
    staffed = staff(workspace, sato=Role.SUPPORT_WORKER)
    case = open_case(workspace, "p00003", staffed["sato"])
    stranger = Actor("somebody", role, frozenset({"S1"}), frozenset({"school"}))
    for path in ("/cases", "/cases/team", "/cases/new", f"/cases/{case.id}"):
        answer = visit(path, actor=stranger)
        assert answer.status_code == 403
        assert "p00003" not in answer.text
    for path, data in (
        ("/cases", {"year": 2025, "person_id": "p00004"}),
        (f"/cases/{case.id}/note", {"seen": case.version, "text": "x"}),
        (f"/cases/{case.id}/assign", {"seen": case.version, "account": "sato"}),
    ):
        assert visit(path, data, actor=stranger).status_code == 403
    assert cases.all_cases(workspace) == [case]


def test_a_case_is_handed_over_and_is_its_workers_no_more(workspace, visit):
    staffed = staff(workspace, sato=Role.SUPPORT_WORKER, suzuki=Role.SUPPORT_WORKER)
    case = open_case(workspace, "p00003", staffed["sato"])
    sent = {"seen": case.version, "account": "suzuki", "text": "異動のため"}
    answer = visit(f"/cases/{case.id}/hand_over", sent, actor=staffed["sato"])
    assert answer.headers["location"] == "/cases?done=hand_over"
    assert visit(f"/cases/{case.id}/hand_over", sent, actor=staffed["sato"]).status_code == 303, "sent twice"
    assert "異動のため" not in visit(f"/cases/{case.id}", actor=staffed["sato"]).text
    received = visit(f"/cases/{case.id}", actor=staffed["suzuki"]).text
    assert "異動のため" in received
    assert "新しく渡された" in visit("/cases", actor=staffed["suzuki"]).text


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("state", CaseState)
def test_every_page_in_both_languages_has_one_heading_and_no_style_or_script(workspace, visit, me, state, language):
    case = case_in(workspace, state, me, "p00003")
    for path in ("/cases", "/cases/team?which=closed", "/cases/team", "/cases/new", f"/cases/{case.id}"):
        page = visit(f"{path}{'&' if '?' in path else '?'}lang={language}")
        assert page.status_code == 200
        assert page.text.count("<h1>") == 1
        assert not re.search(r"<script|\sstyle=|<style|\son\w+=", page.text)
        ids = re.findall(r'\sid="([^"]+)"', page.text)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'<label for="([^"]+)"', page.text)) <= set(ids)


@pytest.fixture
def program(workspace):
    """Asks the JSON of cases: `program(method, path, body)`."""
    app = create_app(workspace)

    def ask(method, path, body=None):
        async def send():
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.request(method, f"/api/v1/cases{path}", json=body)

        return asyncio.run(send())

    return ask


def test_programs_open_read_and_work_on_cases(workspace, program, me):
    made = program("POST", "", {"person_id": "p00003", "year": 2025})
    assert made.status_code == 201
    case = made.json()
    assert (case["person_id"], case["state"], case["assigned_to"]) == ("p00003", "assigned", me.name)
    assert program("POST", "", {"person_id": "p00003", "year": 2025}).json() == case
    note = {"seen": case["version"], "text": "担任に電話した"}
    assert program("POST", f"/{case['id']}/note", note).json()["version"] == case["version"] + 1
    assert program("POST", f"/{case['id']}/note", note).status_code == 200, "sent twice"
    stale = program("POST", f"/{case['id']}/note", note | {"text": "もう一つ"})
    assert stale.status_code == 409
    assert stale.headers["content-type"] == "application/problem+json"
    told = program("GET", f"/{case['id']}").json()
    assert [one["step"] for one in told["steps"]] == [None, "assign", "note"]
    assert told["steps"][-1]["written"] == {"text": "担任に電話した"}
    assert program("GET", "?rows=1").json() == {"total": 1, "rows": [told["case"]]}
    assert program("GET", "/team").json()["total"] == 1
    assert views(workspace) == ["case", "cases", "team_cases"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/0000000000", None, 404),
        ("GET", "/nonsense", None, 422),
        ("POST", "/0000000000/note", {"seen": 1, "text": "x"}, 404),
        ("POST", "/0000000000/renumber", {"seen": 1}, 404),
        ("POST", "/0000000000/nonsense", {"seen": 1}, 422),
        ("POST", "", {"person_id": "nobody", "year": 2025}, 409),
        ("POST", "", {"person_id": "p00003"}, 422),
        ("GET", "?rows=0", None, 422),
    ],
)
def test_programs_are_told_what_is_wrong(workspace, program, method, path, body, status):
    answer = program(method, path, body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert cases.all_cases(workspace) == []
