"""What people do with cases: opening, taking, assessing, planning, looking again, handing over, closing.

Each step asks the policy first, names the version of the case that its person saw, and is refused in words where the
case has changed since, so that of two people at once neither overwrites the other. The same step sent twice is taken
once. Step, entry in the log and, of an assessment, the recorded outcome are one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from governance import outcomes, tables
from governance.access import Actor, require
from governance.account_state import AccountState, Role
from governance.accounts import active_account, list_accounts
from governance.case_state import OUTCOME, WITHOUT_PLAN, Assessment, CaseState, CaseStep, CloseReason, Disagreement
from governance.case_steps import Asked, Columns, next_row, now, refuse_second, take, write
from governance.cases import Case, of_row, person_keys, row_id, sealed, unused_id
from governance.policy import Action, Scope, scope
from governance.records import Row
from governance.runlog import Kind
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError
from vocabulary.texts import catalogue

LONGEST_TEXT = 4000
"""Characters that can be written at one step."""


@dataclass(frozen=True)
class Opening:
    """What a case is opened with. Without a run and kinds it was reported otherwise, which `text` tells of."""

    person_id: str
    year: int
    run: str | None = None
    kinds: tuple[str, ...] = ()
    rank: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Task:
    """One line of a plan."""

    who: str
    what: str


def open_case(workspace: Workspace, opening: Opening, *, actor: Actor, assign_to: str | None = None) -> Case:
    """Open a case for a child, and give it to a worker at once where one is named.

    Raises
    ------
    WorkspaceError
        The child has an open case, nothing tells why this one is opened, or the account may not have cases.
    RefusalError
        `actor` may not open cases.
    """
    text = _text(opening.text)
    if opening.run is None and not text:
        raise WorkspaceError("case.text_blank", step="open")
    require(workspace, actor, Action.ASSIGN_CASE, person_id=opening.person_id)
    key = person_keys(workspace, [opening.person_id])[opening.person_id]
    with workspace.writing() as connection:
        refuse_second(workspace, connection, key, opening.person_id)
        row = _first_row(workspace, connection, opening, key, actor)
        write(workspace, connection, row, {"text": text} if text else {}, Kind.CASE_OPENED)
        if assign_to is not None:
            _require_worker(connection, assign_to, actor)
            row = next_row(row, CaseStep.ASSIGN, CaseState.ASSIGNED, actor) | {"assigned_to": assign_to}
            write(workspace, connection, row, {}, Kind.CASE_CHANGED)
    return of_row(workspace, row)


def assign(workspace: Workspace, case_id: str, account: str, *, seen: int, actor: Actor) -> Case:
    """Put a case into somebody's hands that is in nobody's, or in those of somebody who can have cases no more.

    Parameters
    ----------
    workspace
        An open workspace.
    case_id
        Which.
    account
        The worker who gets it: `actor` or another one.
    seen
        Version of the case that `actor` saw.
    actor
        Who does it, from `governance.access.actor`.

    Raises
    ------
    WorkspaceError
        There is no such case, it changed since, another worker has it, or the account may not have cases.
    RefusalError
        `actor` may not assign cases.
    """
    asked = Asked(case_id, CaseStep.ASSIGN, seen, actor, {"assigned_to": account}, needs=(Action.ASSIGN_CASE,))

    def check(connection: Connection, case: Case) -> Columns:
        _require_worker(connection, account, actor)
        if case.assigned_to == account:
            raise WorkspaceError("case.same_worker", id=case_id, account=account)
        if case.assigned_to is not None and _may_work(connection, case.assigned_to):
            raise WorkspaceError("case.in_other_hands", id=case_id, account=case.assigned_to)
        return {}

    return take(workspace, asked, check)


def hand_over(workspace: Workspace, case_id: str, account: str, text: str, *, seen: int, actor: Actor) -> Case:
    """Give a case of one's own to another worker, with a note; it is shown to them as new. Errors as of `assign`."""
    asked = Asked(case_id, CaseStep.HAND_OVER, seen, actor, {"assigned_to": account}, _words("hand_over", text))

    def check(connection: Connection, case: Case) -> Columns:
        _require_worker(connection, account, actor)
        if case.assigned_to == account:
            raise WorkspaceError("case.same_worker", id=case_id, account=account)
        return {}

    return take(workspace, asked, check)


def assess(workspace: Workspace, case_id: str, assessment: Assessment, text: str, *, seen: int, actor: Actor) -> Case:
    """Say what a child needs, and why. It is recorded as the outcome of the child and year, in place of an earlier one.

    "Watch" says nothing yet: an outcome recorded by an earlier assessment is taken back. Errors as of `assign`.
    """
    columns: Columns = {"assessment": assessment.value} | ({"due": None} if assessment in WITHOUT_PLAN else {})
    written = _words("assess", text)
    needs = (Action.WORK_CASE, Action.RECORD_OUTCOME)
    asked = Asked(case_id, CaseStep.ASSESS, seen, actor, columns, written, needs)

    def record(connection: Connection, case: Case) -> Columns:
        return {"outcome": _record(workspace, connection, case, assessment, str(written["text"]), actor.name)}

    return take(workspace, asked, record)


def plan(workspace: Workspace, case_id: str, text: str, *, tasks: Sequence[Task] = (), seen: int, actor: Actor) -> Case:
    """Write down what is to be done, and who does what; in place of an earlier plan. Errors as of `assign`."""
    lines = [{"who": _text(one.who), "what": _text(one.what)} for one in tasks if one.who.strip() or one.what.strip()]
    written = _words("plan", text) | ({"tasks": lines} if lines else {})
    return take(workspace, Asked(case_id, CaseStep.PLAN, seen, actor, written=written))


def follow_up(workspace: Workspace, case_id: str, due: date, text: str = "", *, seen: int, actor: Actor) -> Case:
    """Set the day to look again, and say what was found. Errors as of `assign`, and for a day that is past."""
    if due < date.today():
        raise WorkspaceError("case.due_past", due=due)
    said = _text(text)
    columns = {"due": due.isoformat()}
    asked = Asked(case_id, CaseStep.FOLLOW_UP, seen, actor, columns, {"text": said} if said else {})
    return take(workspace, asked)


def note(workspace: Workspace, case_id: str, text: str, *, seen: int, actor: Actor) -> Case:
    """Write something down. Errors as of `assign`."""
    return take(workspace, Asked(case_id, CaseStep.NOTE, seen, actor, written=_words("note", text)))


def disagree(
    workspace: Workspace,
    case_id: str,
    kind: str,
    why: Disagreement,
    text: str = "",
    *,
    seen: int,
    actor: Actor,
) -> Case:
    """Say that a flag of the child is mistaken. Errors as of `assign`, and for a kind that there is not."""
    if f"kind.{kind}" not in catalogue():
        raise WorkspaceError("case.choice_missing")
    said = _text(text)
    written = {"kind": kind, "why": why.value} | ({"text": said} if said else {})
    return take(workspace, Asked(case_id, CaseStep.DISAGREE, seen, actor, written=written))


def close(workspace: Workspace, case_id: str, reason: CloseReason, text: str = "", *, seen: int, actor: Actor) -> Case:
    """End a case. Its worker may open the child's page no more. Errors as of `assign`."""
    said = _text(text)
    written = {"reason": reason.value} | ({"text": said} if said else {})
    return take(workspace, Asked(case_id, CaseStep.CLOSE, seen, actor, {"due": None}, written))


def reopen(workspace: Workspace, case_id: str, text: str, *, seen: int, actor: Actor) -> Case:
    """Take a closed case up again, into one's own hands. Errors as of `assign`, and where the child has another one."""
    columns = {"assigned_to": actor.name}
    asked = Asked(case_id, CaseStep.REOPEN, seen, actor, columns, _words("reopen", text), (Action.ASSIGN_CASE,))

    def check(connection: Connection, case: Case) -> Columns:
        _require_worker(connection, actor.name, actor)
        key = person_keys(workspace, [case.person_id])[case.person_id]
        refuse_second(workspace, connection, key, case.person_id)
        return {}

    return take(workspace, asked, check)


def _first_row(workspace: Workspace, connection: Connection, opening: Opening, key: str, actor: Actor) -> Row:
    case_id, at = unused_id(connection), now()
    row: Row = dict.fromkeys(column.name for column in tables.case_steps.columns)
    row |= {"id": row_id(case_id, 1), "case_id": case_id, "version": 1, "state": CaseState.NEW.value}
    row |= {"run": opening.run, "actor": actor.name, "at": at, "opened_at": at, "person_key": key}
    subject = {
        "person_id": opening.person_id,
        "year": opening.year,
        "kinds": list(opening.kinds),
        "rank": opening.rank,
    }
    row["subject"] = sealed(workspace, row, "subject", subject)
    return row


def _record(
    workspace: Workspace, connection: Connection, case: Case, assessment: Assessment, text: str, actor: str
) -> str | None:
    """Id of the outcome that an assessment is recorded as; an earlier one of the case is taken back or replaced."""
    outcome = OUTCOME[assessment]
    if outcome is None:
        if case.outcome is not None:
            outcomes.withdraw_in(workspace, connection, case.outcome, reason=text, actor=actor)
        return None
    finding = outcomes.Finding(case.person_id, case.year, outcome, date.today(), case.run, text)
    (made,) = outcomes.record_in(workspace, connection, [finding], actor=actor)
    return made.id


def workers_of(workspace: Workspace, *, actor: Actor) -> list[str]:
    """Names of those who may have cases; the lone operator of a workspace without accounts, where `actor` is that."""
    if actor.role is None:
        return [actor.name]
    found = list_accounts(workspace)
    return [one.name for one in found if one.state is AccountState.ACTIVE and _has_cases(one.role)]


def _require_worker(connection: Connection, account: str, actor: Actor) -> None:
    """Refuse an account that may not have cases; the lone operator of a workspace without accounts has them alone."""
    if not (account == actor.name if actor.role is None else _may_work(connection, account)):
        raise WorkspaceError("case.not_a_worker", account=account)


def _may_work(connection: Connection, account: str) -> bool:
    found = active_account(connection, account)
    return found is not None and _has_cases(found.role)


def _has_cases(role: Role) -> bool:
    return scope(role, Action.WORK_CASE) is not Scope.NONE


def _words(step: str, text: str) -> dict[str, object]:
    said = _text(text)
    if not said:
        raise WorkspaceError("case.text_blank", step=step)
    return {"text": said}


def _text(text: str) -> str:
    said = text.replace("\r\n", "\n").strip()
    if len(said) > LONGEST_TEXT:
        raise WorkspaceError("case.text_long", length=len(said), limit=LONGEST_TEXT)
    return said
