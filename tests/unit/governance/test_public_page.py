"""The public page of the run log: what was done, for what, how often; nobody's name, and nothing of a child."""

import json
from dataclasses import asdict

import pytest

from governance import gate, log_checks, register
from governance.public_page import OF_THE_CITY, public_page
from governance.runlog import Kind
from governance.staging import stage
from tests.unit.governance.conftest import DAY
from tests.unit.governance.forgery import newest
from vocabulary.errors import IntegrityError

COUNTS = {
    "delivery": {"delivered": 1_204, "accepted": 1_203, "set_aside": 1},
    "link": {"persons": 312, "profiles": 900},
    "flags": {"shown": 12, "held": 3},
}


def publish(workspace, counts):
    grant = gate.admit(workspace, "2026-03", today=DAY, delivered=["school"], actor="os:planted-operator")
    with stage(workspace, grant, actor="os:planted-operator") as run:
        run.publish(inputs=[], parameters={}, counts=counts, seeds={})
    return run.run_id


def test_a_run_is_told_with_its_purpose_and_protected_counts(approved):
    first, second = publish(approved, {}), publish(approved, COUNTS)
    page = public_page(approved)
    assert [one.run for one in page.runs] == [second, first]
    assert page.runs[0].purpose == "early support for children in hardship"
    assert page.runs[0].counts == {"accepted": 1_205, "set_aside": None, "children": 310, "flags": 10, "held": None}
    assert page.runs[1].counts == {}


def test_nobody_is_named_and_no_word_of_an_entry_is_told(approved):
    publish(approved, COUNTS)
    approved.log(actor="planted-actor", kind=Kind.VIEW, subject="planted-child", body={"reason": "planted-reason"})
    register.revoke(approved, "2026-03", reason="planted-reason", actor="os:planted-actor")
    told = json.dumps(asdict(public_page(approved)), ensure_ascii=False)
    assert "planted" not in told
    assert "2026-03" in told


def test_what_is_of_one_child_is_not_counted_below_ten(approved):
    publish(approved, COUNTS)
    for _ in range(9):
        approved.log(actor="a", kind=Kind.VIEW, subject="b", body={})
    for _ in range(13):
        approved.log(actor="a", kind=Kind.OUTCOME_RECORDED, subject="b", body={})
    page = public_page(approved)
    assert page.protected == {Kind.VIEW: None, Kind.OUTCOME_RECORDED: 15}
    assert page.acts == {Kind.WORKSPACE_CREATED: 1, Kind.APPROVAL_ADDED: 1, Kind.RUN_STARTED: 1, Kind.RUN_PUBLISHED: 1}


@pytest.mark.parametrize(
    "kind", [kind for kind in Kind if kind.split("_")[0] in ("case", "outcome", "review", "view", "subject", "break")]
)
def test_kinds_of_single_children_are_protected(kind):
    assert kind not in OF_THE_CITY


def test_the_checkpoint_to_copy_is_the_newest_and_its_key_is_there(approved):
    publish(approved, COUNTS)
    page = public_page(approved)
    assert page.checkpoint == newest(approved)
    assert page.key == (approved.path / "checkpoints" / "log.vkey").read_text().strip()
    assert page.checkpoint.splitlines()[1] == str(page.entries)


def test_it_says_when_the_log_was_verified_last_and_what_was_found(approved):
    run = publish(approved, COUNTS)
    assert public_page(approved).checked is None
    log_checks.check(approved, actor="os:operator", begin=lambda *_: None)
    assert public_page(approved).checked.findings == 0
    (approved.run_folder(run) / "added.txt").write_text("x")
    log_checks.check(approved, actor="os:operator", begin=lambda *_: None)
    assert public_page(approved).checked.findings == 1


def test_a_checkpoint_that_is_not_of_this_log_is_not_shown(approved):
    publish(approved, COUNTS)
    note, folder = newest(approved), approved.path / "checkpoints"
    older, *_, file = sorted(folder.glob("*.txt"))
    assert file.read_text() == note
    for written in (older.read_text(), note[:-8] + "AAAAAA=\n", ""):
        file.write_text(written)
        with pytest.raises(IntegrityError):
            public_page(approved)
