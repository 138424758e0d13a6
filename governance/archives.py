"""Archives: of each reference date (1 April and 1 October) the run whose abstracted results are kept longer.

Which run that is follows from the log: of the runs whose as-of date lies between a reference date and the next, the one
published last. Where another one should be, a person marks it. An archive keeps rows under person ids and statistics;
what was delivered and the sources' numbers go as those of any run, and nothing stays longer than the run's approval
allows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from governance.accounts import require_account
from governance.retention import archive
from governance.runlog import Entry, Kind, append, entries
from governance.workspace import Workspace
from vocabulary.errors import UsageError, WorkspaceError


@dataclass(frozen=True)
class Archived:
    """The archive of one reference date. `marked_by` is None where it follows from the dates of the runs."""

    as_of: date
    run: str
    marked_by: str | None = None


def archives(connection: Connection) -> Mapping[date, Archived]:
    """The archives by reference date, the earliest first. Errors as of `runlog.entries`."""
    found = {}
    for entry in entries(connection, kinds=[Kind.RUN_PUBLISHED]):
        as_of = archive().date_of(_day_of(entry))
        found[as_of] = Archived(as_of, entry.subject)
    for entry in entries(connection, kinds=[Kind.ARCHIVE]):
        as_of = date.fromisoformat(entry.content["as_of"])
        found[as_of] = Archived(as_of, entry.subject, entry.actor)
    return dict(sorted(found.items()))


def list_archives(workspace: Workspace) -> list[Archived]:
    """The archives, the earliest first."""
    with workspace.reading() as connection:
        return [*archives(connection).values()]


def mark(workspace: Workspace, run_id: str, as_of: date, *, actor: str) -> Archived:
    """Make a run the archive of a reference date, in place of the one that was.

    Raises
    ------
    UsageError
        The day is not a reference date of archives, or the run's data end before it.
    WorkspaceError
        There is no such run, or `actor` has to be an active account.
    """
    if archive().date_of(as_of) != as_of:
        days = ", ".join(f"{month:02}-{day:02}" for month, day in archive().dates)
        raise UsageError("retention.not_an_archive_date", day=as_of, dates=days)
    with workspace.writing() as connection:
        require_account(connection, actor)
        published = entries(connection, kinds=[Kind.RUN_PUBLISHED], subject=run_id)
        if not published:
            raise WorkspaceError("workspace.run_absent", run=run_id)
        if _day_of(published[0]) < as_of:
            raise UsageError("retention.run_before", run=run_id, ends=_day_of(published[0]), day=as_of)
        append(connection, actor=actor, kind=Kind.ARCHIVE, subject=run_id, body={"as_of": as_of})
    return Archived(as_of, run_id, actor)


def _day_of(published: Entry) -> date:
    """The as-of date of a run; without one, the day of its processing, after which none of its rows is dated."""
    manifest = published.content["manifest"]
    return date.fromisoformat(manifest["as_of"] or manifest["parameters"].get("day") or manifest["started"][:10])
