"""Who sees which rows of the list: the whole city, one's own school, or none."""

import re

from governance.access import Actor
from governance.account_state import Role
from governance.runlog import Kind, entries
from tests.unit.api.published_run import LEFT_SCHOOL
from tests.unit.governance.cases_of import staff

HEAD = Actor("kocho", Role.SCHOOL, frozenset({"S1"}))
WORKER = Actor("sato", Role.SUPPORT_WORKER)


def listed(page):
    return re.findall(r"<code>(p\d{5})</code>", page.text)


def refusals(workspace):
    with workspace.reading() as connection:
        return [entry.content for entry in entries(connection, kinds=[Kind.REFUSAL])]


def test_a_school_sees_its_own_children_alone_whatever_it_asks(visit):
    for query in ("", "?school=S2", "?q=p00003", "?hands=nobody", "?held=1", "?page=2"):
        found = listed(visit(f"/flags{query}", actor=HEAD))
        assert all(int(person[1:]) % 2 == 0 for person in found), query
    assert len(listed(visit("/flags", actor=HEAD))) == 50
    assert listed(visit("/flags?school=S2", actor=HEAD)) == []
    programs = visit("/api/v1/flags?limit=200", actor=HEAD).json()
    assert {flag["school"] for flag in programs["flags"]} == {"S1"}
    assert programs["total"] == 60


def test_a_search_names_no_child_that_is_out_of_reach(workspace, visit):
    for query in ("p00002", "p00003", LEFT_SCHOOL, "p00004&year=2024"):
        visit(f"/flags?q={query}", actor=HEAD)
    with workspace.reading() as connection:
        seen = [entry.content for entry in entries(connection, kinds=[Kind.VIEW])]
    assert [(one.get("person"), one["choice"].get("q"), one["rows"]) for one in seen] == [
        ("p00002", None, 1),
        (None, "p00003", 0),
        (None, LEFT_SCHOOL, 0),
        ("p00004", None, 0),
    ]


def test_a_flag_of_another_school_is_refused_and_the_refusal_logged(workspace, visit):
    assert visit("/flags/p00002", actor=HEAD).status_code == 200
    assert visit("/flags/p00003", actor=HEAD).status_code == 403
    (refusal,) = refusals(workspace)
    assert (refusal["action"], refusal["person"], refusal["school"]) == ("list_flags", "p00003", "S2")


def test_who_left_school_is_no_schools_child(visit):
    assert visit(f"/flags/{LEFT_SCHOOL}", actor=Actor("kyoto", Role.SCHOOL, frozenset({"S2"}))).status_code == 403
    assert visit(f"/flags/{LEFT_SCHOOL}", actor=WORKER).status_code == 200


def test_the_other_roles_see_no_row(visit):
    for role in set(Role) - {Role.SCHOOL, Role.SUPPORT_WORKER}:
        for path in ("/flags", "/flags/p00003", "/api/v1/flags"):
            answer = visit(path, actor=Actor("someone", role))
            assert answer.status_code == 403
            assert "<code>p" not in answer.text
            assert "理由" not in answer.text


def test_a_worker_can_select_and_open_own_children_only(workspace, visit):
    sato = staff(workspace, sato=Role.SUPPORT_WORKER, suzuki=Role.SUPPORT_WORKER)["sato"]
    page = visit("/flags", actor=sato).text
    assert "/children/p00003" not in page
    assert 'name="person_id" value="p00003"' in page
    assert visit("/cases", {"year": 2025, "person_id": "p00003"}, actor=sato).status_code == 303
    page = visit("/flags", actor=sato).text
    assert "/children/p00003" in page
    assert 'name="person_id" value="p00003"' not in page
    assert listed(visit("/flags?hands=taken", actor=sato)) == ["p00003"]
    assert "p00003" not in listed(visit("/flags?hands=nobody", actor=sato))


def test_a_school_selects_nobody(visit):
    assert 'name="person_id"' not in visit("/flags", actor=HEAD).text


def test_the_line_where_the_capacity_ends_stands_between_the_children(workspace, visit):
    page = visit("/flags", actor=WORKER).text  # 2 in 100 of the 123 children that were seen
    above, below = page.split('class="cut"')
    assert re.findall(r"<code>(p\d{5})</code>", above) == ["p00001", "p00002", "p00003"]
    assert "3人" in below.split("</tr>")[0]
    assert 'class="cut"' not in visit("/flags?page=2", actor=WORKER).text
    assert 'class="cut"' not in visit("/flags?sort=grade", actor=WORKER).text


def test_no_name_is_on_any_page_of_the_list(visit):
    for path in ("/flags", "/flags?held=1", "/flags/p00003", "/flags.csv", "/api/v1/flags"):
        assert "山田" not in visit(path, actor=WORKER).text
