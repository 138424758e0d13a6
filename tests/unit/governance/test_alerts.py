"""Alerts: unread for each data owner and council member until that one takes note; bound to the log."""

import pytest

from governance import access, alerts
from governance.account_state import Role
from governance.alerts import AlertKind
from governance.verify import verify
from tests.accounts import COUNCIL, enter
from tests.unit.governance.conftest import by_hand, sqlite_only
from vocabulary.errors import IntegrityError, RefusalError, WorkspaceError


@pytest.fixture
def told(workspace):
    """A workspace in which an alert was raised."""
    enter(workspace, {"sato": Role.SUPPORT_WORKER, "gakko": Role.DATA_OWNER, "fukushi": Role.DATA_OWNER})
    with workspace.writing() as connection:
        alerts.raise_alert(connection, AlertKind.MANY_VIEWS, "sato", actor="sato")
    return workspace


def unread(workspace, name):
    return [one.about for one in alerts.unread(workspace, access.actor(workspace, name))]


def note(workspace, name, alert_id=None):
    found = alert_id or alerts.list_alerts(workspace)[0].id
    return alerts.acknowledge(workspace, found, actor=access.actor(workspace, name))


def test_it_is_unread_for_each_until_that_one_takes_note(told):
    assert [unread(told, name) for name in ("gakko", "fukushi", COUNCIL)] == [["sato"]] * 3
    assert note(told, "gakko").acknowledged == {"gakko"}
    assert [unread(told, name) for name in ("gakko", "fukushi", COUNCIL)] == [[], ["sato"], ["sato"]]
    assert note(told, COUNCIL).acknowledged == {"gakko", COUNCIL}
    assert note(told, COUNCIL).acknowledged == {"gakko", COUNCIL}
    assert verify(told).findings == ()


def test_whom_it_tells_of_neither_reads_nor_takes_note(told):
    assert unread(told, "sato") == []
    with pytest.raises(RefusalError, match="sato"):
        note(told, "sato")


def test_one_that_is_not_there(told):
    with pytest.raises(WorkspaceError, match="no alert none"):
        note(told, COUNCIL, "none")


@sqlite_only
@pytest.mark.parametrize("statement", ["DELETE FROM alerts", "UPDATE alerts SET acknowledged = '[\"kansa\"]'"])
def test_it_does_not_go_away_by_hand(told, statement):
    by_hand(told, statement)
    with pytest.raises(IntegrityError, match="table alerts"):
        unread(told, COUNCIL)
    assert any("table alerts" in str(found) for found in verify(told).findings)
