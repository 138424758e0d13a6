"""Emergency access from a page: for a time, with a reason, told at once; offered where a page is refused."""

import pytest

from governance.access import Actor
from governance.account_state import Role
from governance.alerts import list_alerts
from governance.grants import list_grants
from tests.accounts import enter
from vocabulary.texts import text

WORKER = Actor("sato", Role.SUPPORT_WORKER, frozenset())
COUNCIL = Actor("kansa", Role.COUNCIL, frozenset())
TOLD = {"person_id": "p00002", "reason": "けがをしていると聞いた", "minutes": "30"}


@pytest.fixture
def staffed(workspace):
    enter(workspace, {"sato": Role.SUPPORT_WORKER})
    return workspace


def test_a_refused_child_is_opened_for_a_time_and_others_are_told(staffed, visit):
    refused = visit("/children/p00002", actor=WORKER)
    assert refused.status_code == 403
    assert "/emergency?person_id=p00002" in refused.text
    given = visit("/emergency", TOLD, actor=WORKER)
    assert (given.status_code, given.headers["location"]) == (303, "/children/p00002")
    assert visit("/children/p00002", actor=WORKER).status_code == 200
    assert visit("/children/p00003", actor=WORKER).status_code == 403
    (grant,) = list_grants(staffed)
    assert grant.is_open()
    assert len(list_alerts(staffed)) == 1
    page = visit("/emergency", actor=WORKER)
    assert text("emergency.state_granted", language="ja") in page.text


@pytest.mark.parametrize(("name", "value"), [("reason", " "), ("person_id", "nobody")])
def test_without_a_reason_or_a_child_nothing_is_given(staffed, visit, name, value):
    answer = visit("/emergency", TOLD | {name: value}, actor=WORKER)
    assert answer.status_code == 422
    assert text(f"emergency.wrong_{name}", language="ja") in answer.text
    assert list_grants(staffed) == []


@pytest.mark.parametrize("minutes", ["0", "241", "x"])
def test_it_lasts_no_longer_than_four_hours(staffed, visit, minutes):
    assert visit("/emergency", TOLD | {"minutes": minutes}, actor=WORKER).status_code == 422
    assert list_grants(staffed) == []


def test_who_may_see_no_child_is_not_offered_it(staffed, visit):
    assert visit("/emergency", TOLD, actor=COUNCIL).status_code == 403
    assert "/emergency" not in visit("/children/p00002", actor=COUNCIL).text
