"""What the report to the council is made from: the log of a period, and what stands now of what it tells of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from governance import outcomes, reviews
from governance.accounts import list_accounts
from governance.disposals import Disposal, disposals
from governance.manifest import Manifest
from governance.public_log import read_public_log
from governance.register import list_approvals
from governance.runlog import Entry, Kind
from governance.runs import list_runs
from governance.verify import Verification, verify
from governance.workspace import Workspace
from mimamori.joinings import read_joinings
from mimamori.papers.paper import Say
from mimamori.review_sample import Estimates, estimate
from vocabulary.errors import WorkspaceError
from vocabulary.texts import catalogue

SYSTEM_USER = "os:"


@dataclass(frozen=True)
class Period:
    """What the report is made from."""

    since: date
    until: date
    entries: Sequence[Entry]  # of the log, within the period
    grants: Mapping[str, str]  # of emergency access: where each stands now
    noted: frozenset[str]  # alerts of which somebody has taken note by now
    disposals: Sequence[Disposal]  # begun in the period
    roles: Mapping[str, str]  # of accounts, as they are now
    approvals: Sequence[tuple[str, str, str, str]]  # id, title, purpose, state
    runs: Sequence[tuple[str, Manifest]]  # day and manifest
    outcomes: pl.DataFrame  # OUTCOMES of listed children, recorded in the period
    estimates: Estimates | None  # of the last run, where a sample was reviewed
    verification: Verification
    checkpoint: str  # size and root at the time of the report

    def of(self, *kinds: Kind) -> list[Entry]:
        """Entries of these kinds."""
        return [entry for entry in self.entries if entry.kind in kinds]

    def role(self, actor: str, say: Say) -> str:
        """What the role of an actor is called."""
        return say("role_system") if actor.startswith(SYSTEM_USER) else said(say, "role", self.roles.get(actor, ""))


def read_period(workspace: Workspace, since: date, until: date) -> Period:
    """Read a period, both days included. No table with rows of a child is read but the outcomes that were recorded.

    Raises
    ------
    IntegrityError
        The log does not fit its newest checkpoint, or a row it tells of was edited outside the system.
    """
    log = read_public_log(workspace)
    within = [entry for entry in log.entries if since <= day_of(entry.at) <= until]
    begun = {entry.seq for entry in within}
    found = outcomes.standing(workspace).filter(
        pl.col("recorded_on").is_between(since, until), pl.col("run").is_not_null()
    )
    runs = [(one.at, one.manifest) for one in list_runs(workspace) if since <= day_of(one.at) <= until]
    return Period(
        since=since,
        until=until,
        entries=within,
        grants={one.subject: str(one.content.get("state")) for one in log.entries if one.kind == Kind.BREAK_GLASS},
        noted=frozenset(one.subject for one in log.entries if _is_noted(one)),
        disposals=[one for one in disposals(log.entries) if one.seq in begun],
        roles={account.name: account.role.value for account in list_accounts(workspace)},
        approvals=[
            (one.approval.id, one.approval.title, one.approval.purpose, one.state.value)
            for one in list_approvals(workspace)
        ],
        runs=[(str(day_of(at)), manifest) for at, manifest in runs],
        outcomes=found,
        estimates=_estimates(workspace, runs[-1][1].run) if runs else None,
        verification=verify(workspace),
        checkpoint="\n".join(log.note.splitlines()[:3]),
    )


def _is_noted(entry: Entry) -> bool:
    return entry.kind == Kind.ALERT and entry.content.get("step") == "acknowledged"


def _estimates(workspace: Workspace, run_id: str) -> Estimates | None:
    """What a reviewed sample says of a run; None where none was drawn, or it is not decided yet."""
    if reviews.last_sample(workspace, run_id) is None:
        return None
    try:
        return estimate(workspace, read_joinings(workspace, run_id))
    except WorkspaceError:
        return None


def day_of(at: str) -> date:
    """The day of a time of the log, in the computer's own time."""
    return datetime.fromisoformat(at).astimezone().date()


def said(say: Say, group: str, name: str) -> str:
    """What a state, a rule or a page is called; one that has no name here is called another."""
    key = f"{group}_{name}"
    return say(key if f"paper.{key}" in catalogue() else "another")
