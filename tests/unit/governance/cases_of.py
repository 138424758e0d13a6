"""Short ways to open cases and to act in them."""

from datetime import date, timedelta

from governance import accounts
from governance import case_work as work
from governance.access import Actor, actor
from governance.account_state import Role
from governance.case_state import Assessment, CaseState, CaseStep, CloseReason, Disagreement

LONE = Actor("os:operator", None)
PASSWORD = "correct horse battery"
SOON = date.today() + timedelta(days=30)

WORDS = "母と話した。来月もう一度"
"""What is written at every step of these tests: it must be found in no file."""


def opening(person="p-hanako", year=2025, run="run-1", **given):
    return work.Opening(person, year, run, given.pop("kinds", ("learning",)), given.pop("rank", 3), **given)


def open_case(workspace, person="p-hanako", actor=LONE, take=True, **given):
    return work.open_case(workspace, opening(person, **given), actor=actor, assign_to=actor.name if take else None)


def staff(workspace, **roles):
    """Accounts, whose passwords are set; the actors by name."""
    roles = {"admin": Role.ADMINISTRATOR, **roles}
    tokens = {}
    for name, role in roles.items():
        schools = ("E01",) if role is Role.SCHOOL else ()
        tokens[name] = accounts.add(workspace, name, role, schools=schools, actor="os:operator").token
    for name, token in tokens.items():
        accounts.set_password(workspace, name, token, PASSWORD)
    return {name: actor(workspace, name) for name in roles}


def take(workspace, case, step, actor=LONE, seen=None, to="sato"):
    """Take a step of any kind, with words where it needs some."""
    seen = case.version if seen is None else seen
    given = {"seen": seen, "actor": actor}
    steps = {
        CaseStep.ASSIGN: lambda: work.assign(workspace, case.id, to, **given),
        CaseStep.HAND_OVER: lambda: work.hand_over(workspace, case.id, to, WORDS, **given),
        CaseStep.ASSESS: lambda: work.assess(workspace, case.id, Assessment.NEEDS_SUPPORT, WORDS, **given),
        CaseStep.PLAN: lambda: work.plan(workspace, case.id, WORDS, tasks=[work.Task("担任", "面談")], **given),
        CaseStep.FOLLOW_UP: lambda: work.follow_up(workspace, case.id, SOON, WORDS, **given),
        CaseStep.NOTE: lambda: work.note(workspace, case.id, WORDS, **given),
        CaseStep.DISAGREE: lambda: work.disagree(
            workspace, case.id, "learning", Disagreement.EXPLAINED, WORDS, **given
        ),
        CaseStep.CLOSE: lambda: work.close(workspace, case.id, CloseReason.SETTLED, WORDS, **given),
        CaseStep.REOPEN: lambda: work.reopen(workspace, case.id, WORDS, **given),
    }
    return steps[step]()


TO_STATE = {
    CaseState.NEW: (),
    CaseState.ASSIGNED: (CaseStep.ASSIGN,),
    CaseState.ASSESSED: (CaseStep.ASSIGN, CaseStep.ASSESS),
    CaseState.PLANNED: (CaseStep.ASSIGN, CaseStep.ASSESS, CaseStep.PLAN),
    CaseState.FOLLOWING: (CaseStep.ASSIGN, CaseStep.ASSESS, CaseStep.PLAN, CaseStep.FOLLOW_UP),
    CaseState.CLOSED: (CaseStep.ASSIGN, CaseStep.CLOSE),
}
"""Steps that bring a new case into each state."""


def case_in(workspace, state, actor, person="p-hanako"):
    """A case in this state, in the hands of `actor` but where it is new."""
    case = open_case(workspace, person, actor, take=False)
    for step in TO_STATE[state]:
        case = take(workspace, case, step, actor, to=actor.name)
    return case
