"""A scorecard is used only under an approval in force that names it, by two persons where there are accounts."""

from datetime import date
from itertools import product
from pathlib import Path

import pytest

from governance import register, score_models
from governance.account_roles import set_role
from governance.account_state import Role
from governance.runlog import entries
from governance.score_model_state import TRANSITIONS, ModelState, ModelStep
from governance.score_models import STEP_KIND
from governance.verify import verify
from tests.accounts import ADMINISTRATOR, enter
from tests.unit.governance.conftest import APPROVAL, DAY, by_hand
from vocabulary.errors import IntegrityError, WorkspaceError
from vocabulary.source import load_sources

PASSWORD = "correct horse battery"
VERSION, OTHER = "0123456789abcdef", "fedcba9876543210"
NAMING = APPROVAL.replace('id = "2026-03"', f'id = "named"\nscorecards = ["{VERSION}", "{OTHER}"]')
PEOPLE = {"sato": Role.ANALYST, "ito": Role.DATA_OWNER, "kato": Role.COUNCIL, "mori": Role.SUPPORT_WORKER}


def add(workspace, version=VERSION, actor="os:operator"):
    return score_models.add(workspace, version, run_id="run-1", document={"points": [1, 2]}, actor=actor)


def adopt(workspace, version=VERSION, approval="named", today=DAY, actor="os:operator"):
    return score_models.adopt(workspace, version, approval, today=today, actor=actor)


def in_use(workspace, today=DAY):
    found = score_models.adopted(workspace, today)
    return None if found is None else found.version


@pytest.fixture
def named(approved):
    """A workspace with two scorecards, and an approval that names them beside one that does not."""
    register.add(approved, NAMING, file="b.toml", sources=load_sources(), actor="os:operator")
    add(approved)
    add(approved, OTHER)
    return approved


@pytest.fixture
def staffed(named):
    enter(named, PEOPLE)
    return named


def test_transitions_are_total_and_every_step_has_its_entry():
    assert set(TRANSITIONS) == set(product(ModelState, ModelStep))
    assert set(STEP_KIND) == set(ModelStep)
    assert {after for after in TRANSITIONS.values() if after} == set(ModelState) - {ModelState.TRAINED}
    assert not any(TRANSITIONS[ModelState.RETIRED, step] for step in ModelStep)


def test_a_trained_one_is_not_used(named):
    assert [model.state for model in score_models.list_models(named)] == [ModelState.TRAINED] * 2
    assert in_use(named) is None
    assert score_models.show(named, VERSION).document == {"points": [1, 2]}
    assert add(named).state is ModelState.TRAINED, "the same version is kept once"
    assert len(score_models.list_models(named)) == 2


def test_an_approval_that_names_it_puts_it_into_use_and_the_next_retires_it(named):
    assert adopt(named).state is ModelState.ADOPTED
    assert in_use(named) == VERSION
    adopt(named, OTHER)
    assert in_use(named) == OTHER
    first = score_models.show(named, VERSION)
    assert (first.state, first.reason) == (ModelState.RETIRED, f"replaced by {OTHER}")
    assert verify(named).findings == ()
    with named.reading() as connection:
        told = [(one.kind, one.subject, one.content["state"]) for one in entries(connection, kinds=score_models.KINDS)]
    assert told[2:] == [
        ("scorecard_adopted", VERSION, "adopted"),
        ("scorecard_retired", VERSION, "retired"),
        ("scorecard_adopted", OTHER, "adopted"),
    ]


@pytest.mark.parametrize(
    ("approval", "today", "said"),
    [
        ("2026-03", DAY, "does not name scorecard"),
        ("absent", DAY, "is not registered"),
        ("named", date(2027, 4, 1), "is not in force"),
        ("named", date(2026, 3, 31), "is not in force"),
    ],
)
def test_without_such_an_approval_it_is_refused(named, approval, today, said):
    with pytest.raises(WorkspaceError, match=said):
        adopt(named, approval=approval, today=today)
    assert in_use(named) is None


def test_it_is_used_only_as_long_as_its_approval_is_in_force(named):
    adopt(named)
    assert in_use(named, date(2027, 3, 31)) == VERSION
    assert in_use(named, date(2027, 4, 1)) is None
    register.revoke(named, "named", reason="drift", actor="os:operator")
    assert in_use(named) is None


def test_a_retired_one_is_used_no_more(named):
    adopt(named)
    with pytest.raises(WorkspaceError, match="needs its reason"):
        score_models.retire(named, VERSION, reason="", actor="os:operator")
    score_models.retire(named, VERSION, reason="drift", actor="os:operator")
    assert in_use(named) is None
    with pytest.raises(WorkspaceError, match="state retired the step adopt is not allowed"):
        adopt(named)


def test_with_accounts_a_second_person_confirms(staffed):
    assert adopt(staffed, actor="sato").state is ModelState.PROPOSED
    assert in_use(staffed) is None
    for actor, said in (
        ("sato", "sato trained or proposed it"),
        ("mori", "role of mori"),
        ("os:operator", "trained or proposed it"),
        ("os:other", "not an active account"),
    ):
        with pytest.raises(WorkspaceError, match=said):
            score_models.confirm(staffed, VERSION, today=DAY, actor=actor)
    confirmed = score_models.confirm(staffed, VERSION, today=DAY, actor="kato")
    assert (confirmed.state, confirmed.proposed_by, confirmed.adopted_by) == (ModelState.ADOPTED, "sato", "kato")
    assert in_use(staffed) == VERSION


def test_who_trained_it_does_not_confirm_it_in_another_role_either(staffed):
    set_role(staffed, "ito", Role.ANALYST, actor=ADMINISTRATOR)
    add(staffed, "1111111111111111", actor="ito")
    set_role(staffed, "ito", Role.DATA_OWNER, actor=ADMINISTRATOR)
    staffed_approval = NAMING.replace('id = "named"', 'id = "third"').replace(VERSION, "1111111111111111")
    register.add(staffed, staffed_approval, file="c.toml", sources=load_sources(), actor="sato")
    register.confirm(staffed, "third", actor="kato")
    adopt(staffed, "1111111111111111", "third", actor="sato")
    with pytest.raises(WorkspaceError, match="ito trained or proposed it"):
        score_models.confirm(staffed, "1111111111111111", today=DAY, actor="ito")


def test_what_is_not_proposed_or_not_there_is_not_confirmed(staffed):
    with pytest.raises(WorkspaceError, match="not waiting for a second person"):
        score_models.confirm(staffed, VERSION, today=DAY, actor="kato")
    with pytest.raises(WorkspaceError, match="no scorecard 00"):
        score_models.show(staffed, "00")


@pytest.mark.parametrize("actor", ["mori", "kato"])
def test_only_those_who_learn_train_and_propose(staffed, actor):
    with pytest.raises(WorkspaceError, match=f"role of {actor}"):
        add(staffed, "2222222222222222", actor=actor)
    with pytest.raises(WorkspaceError, match=f"role of {actor}"):
        adopt(staffed, actor=actor)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE score_models SET state = 'adopted', approval = 'named'",
        "UPDATE score_models SET document = 'AAAA'",
        "DELETE FROM score_models",
    ],
)
def test_an_edited_scorecard_makes_no_list_and_is_found(named, statement):
    by_hand(named, statement)
    with pytest.raises(IntegrityError, match="of table score_models is not what was logged"):
        score_models.adopted(named, DAY)
    assert any("of table score_models" in str(found) for found in verify(named).findings)


def test_the_page_has_the_transitions():
    page = (Path(__file__).parents[3] / "docs" / "learning.md").read_text(encoding="utf-8")
    for state in ModelState:
        after = [TRANSITIONS[state, step] for step in ModelStep]
        assert f"| {' | '.join([state, *(one or '–' for one in after)])} |" in page
