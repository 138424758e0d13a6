"""Nothing is read without an approval in force, and every refusal is in the log."""

from datetime import date

import pytest

from governance import accounts, gate, register
from governance.account_state import Role
from governance.approval_state import State
from governance.custody import DataClass
from governance.runlog import Kind, entries
from governance.staging import StagedRun, stage
from governance.verify import verify
from tests.unit.governance.conftest import APPROVAL, DAY, FRAME
from vocabulary.errors import RefusalError
from vocabulary.source import load_sources


def admit(workspace, approval="2026-03", today=DAY, delivered=("welfare", "school", "health")):
    return gate.admit(workspace, approval, today=today, delivered=delivered, actor="os:operator")


def refusals(workspace):
    with workspace.reading() as connection:
        return [(entry.subject, entry.content["rule"]) for entry in entries(connection, kinds=[Kind.REFUSAL])]


def test_every_state_but_in_force_is_a_reason():
    assert set(gate.NOT_IN_FORCE) == set(State) - {State.IN_FORCE}


def test_only_approved_sources_and_columns_are_granted(approved):
    grant = admit(approved)
    assert grant.columns == {"welfare": frozenset({"public_assistance", "tax_exempt"}), "school": "*"}
    assert grant.left_out == ("health",)
    assert admit(approved, delivered=["school"]).columns == {"school": "*"}
    assert refusals(approved) == []


@pytest.mark.parametrize("day", [date(2026, 4, 1), date(2027, 3, 31)])
def test_the_first_and_the_last_day_are_in_the_period(approved, day):
    assert admit(approved, today=day).day == day


@pytest.mark.parametrize(
    ("request_", "rule", "message"),
    [
        ({"approval": "2026-99"}, "refusal.unknown", "2026-99 is not registered; nothing was read"),
        ({"today": date(2026, 3, 31)}, "refusal.not_yet_valid", "from 2026-04-01, not yet on 2026-03-31"),
        ({"today": date(2027, 4, 1)}, "refusal.expired", "ended on 2027-03-31, before 2027-04-01"),
        ({"delivered": ["health"]}, "refusal.sources", r"covers welfare, school, none of .* \(health\)"),
        ({"delivered": []}, "refusal.sources", "none of which was delivered"),
    ],
)
def test_what_is_not_covered_is_refused_and_logged(approved, request_, rule, message):
    with pytest.raises(RefusalError, match=message):
        admit(approved, **request_)
    assert refusals(approved) == [(request_.get("approval", "2026-03"), rule)]
    assert verify(approved).findings == ()


def test_a_run_leads_to_the_one_purpose_it_was_made_for(approved, publish):
    run_id = publish(approved)
    with approved.reading() as connection:
        (published,) = entries(connection, kinds=[Kind.RUN_PUBLISHED], subject=run_id)
        (added,) = entries(connection, kinds=[Kind.APPROVAL_ADDED], subject=published.content["manifest"]["approval"])
    assert added.content["text_sha256"] == published.content["manifest"]["approval_sha256"]
    assert added.content["terms"]["purpose"] == "early support for children in hardship"


def test_a_decision_does_not_hold_before_it_was_taken(workspace):
    late = APPROVAL.replace("decided_on = 2026-03-12", "decided_on = 2026-07-01")
    register.add(workspace, late, file="a.toml", sources=load_sources(), actor="os:operator")
    with pytest.raises(RefusalError, match="from 2026-07-01, not yet"):
        admit(workspace)


def test_a_revoked_approval_is_refused(approved):
    register.revoke(approved, "2026-03", reason="decision of June", actor="os:operator")
    with pytest.raises(RefusalError, match="was revoked"):
        admit(approved)
    assert refusals(approved) == [("2026-03", "refusal.revoked")]


def test_a_request_that_nobody_confirmed_is_refused(workspace):
    accounts.add(workspace, "sato", Role.ADMINISTRATOR, actor="os:operator")
    register.add(workspace, APPROVAL, file="a.toml", sources=load_sources(), actor="sato")
    with pytest.raises(RefusalError, match="has not been confirmed"):
        admit(workspace)
    assert refusals(workspace) == [("2026-03", "refusal.requested")]


def finish(run: StagedRun) -> None:
    with run:
        run.write_frame("flags", FRAME, DataClass.PSEUDONYMOUS)
        run.publish(inputs=(), parameters={}, counts={}, seeds={})


def test_no_more_runs_than_approved(approved, publish):
    for _ in range(4):
        publish(approved)
    with pytest.raises(RefusalError, match="The 4 runs that approval 2026-03 allows have been made"):
        admit(approved)
    assert refusals(approved) == [("2026-03", "refusal.used_up")]


def test_runs_are_counted_by_approval_and_no_other_manifest_is_read(approved, publish, monkeypatch):
    other = APPROVAL.replace('id = "2026-03"', 'id = "2026-0"')
    register.add(approved, other, file="b.toml", sources=load_sources(), actor="os:operator")
    made = [publish(approved) for _ in range(2)]
    finish(stage(approved, admit(approved, "2026-0"), actor="os:operator"))
    read = []
    real = gate.entries
    monkeypatch.setattr(
        gate, "entries", lambda *given, **named: read.extend(real(*given, **named)) or real(*given, **named)
    )
    with approved.reading() as connection:
        counted = {name: gate.published_runs(connection, name) for name in ("2026-03", "2026-0", "2026")}
        assert counted == {"2026-03": 2, "2026-0": 1, "2026": 0}
        read.clear()
        gate.published_runs(connection, "2026-03")
    assert [entry.subject for entry in read if entry.kind == Kind.RUN_PUBLISHED] == made


def test_a_run_that_failed_does_not_count(approved):
    for _ in range(6):
        with pytest.raises(ZeroDivisionError), stage(approved, admit(approved), actor="os:operator"):
            raise ZeroDivisionError
    assert admit(approved)


def test_two_runs_under_way_cannot_both_take_the_last_place(approved, publish):
    for _ in range(3):
        publish(approved)
    under_way = [stage(approved, admit(approved), actor="os:operator") for _ in range(2)]
    finish(under_way[0])
    with pytest.raises(RefusalError, match="4 runs"):
        finish(under_way[1])
    assert refusals(approved) == [("2026-03", "refusal.used_up")]
    assert len(list((approved.path / "runs").iterdir())) == 4
    assert list((approved.path / "staging").iterdir()) == []
    assert verify(approved).findings == ()


def test_a_revocation_during_a_run_keeps_it_from_being_published(approved):
    under_way = stage(approved, admit(approved), actor="os:operator")
    register.revoke(approved, "2026-03", reason="decision of June", actor="os:operator")
    with pytest.raises(RefusalError, match="was revoked"):
        finish(under_way)
    assert list((approved.path / "runs").iterdir()) == []
    with approved.reading() as connection:
        (failed,) = entries(connection, kinds=[Kind.RUN_FAILED])
    assert failed.content["reason"] == "refusal.revoked"
