"""Who saw what: every view of a child or of an identity is in the run log before anything of it is shown.

`log_view` is called before anything is shown, and where the log cannot be written, it raises: then nothing is. An entry
names the page, the run and, where the page is of children it knows by their ids, these pseudonymous ids; the public
leaf of the entry commits to them without showing them. Lists and rows that were set aside name no child, but the one
that a list was searched for.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from governance.access import Actor
from governance.alerts import AlertKind, raise_alert, was_raised
from governance.runlog import Entry, Kind, append, entries
from governance.workspace import Workspace

LISTED = ("flag", "flags", "found")
"""Pages that tell of a child no more than a list does: they do not open it."""


@dataclass(frozen=True)
class View:
    """One look at a page."""

    at: str  # UTC, ISO 8601
    actor: str
    page: str
    subject: str  # the run, or what else the page is of
    person_ids: tuple[str, ...]  # the children it named


def log_view(
    workspace: Workspace,
    actor: Actor,
    page: str,
    *,
    run_id: str,
    person_id: str | None = None,
    person_ids: Collection[str] = (),
    body: Mapping[str, object] | None = None,
) -> None:
    """Log that `actor` is about to be shown a page; show it only after this has returned.

    The first child beyond `[access] views_per_day` that an account opens in a day (UTC) raises an alert, once a day.
    Pages in `LISTED` open none.

    Parameters
    ----------
    workspace
        An open workspace.
    actor
        For whom the caller has asked `governance.access.require`.
    page
        Name of the page or command.
    run_id
        The run it is of.
    person_id
        The child, where the page is of one.
    person_ids
        The children, where it shows records of several.
    body
        JSON values that tell more of what is shown, without personal data.

    Raises
    ------
    IntegrityError, WorkspaceError
        The log cannot be written: nothing is to be shown.
    """
    shown = sorted({*person_ids} if person_id is None else {*person_ids, person_id})
    said = {**(body or {}), "page": page}
    if shown:
        said |= {"person": shown[0]} if len(shown) == 1 else {"persons": shown}
    with workspace.writing() as connection:
        entry = append(connection, actor=actor.name, kind=Kind.VIEW, subject=run_id, body=said)
        if shown:
            _tell_of_many(connection, entry, workspace.settings.access.views_per_day)


def _tell_of_many(connection: Connection, entry: Entry, allowed: int) -> None:
    kind, day = AlertKind.MANY_VIEWS, entry.at[:10]
    of_day = entries(connection, kinds=[Kind.VIEW], actor=entry.actor, not_before=day)
    told = [one.content for one in of_day]
    opened = {person for one in told if one["page"] not in LISTED for person in persons_of(one)}
    many = len(opened) > allowed
    if many and not was_raised(connection, kind, entry.actor, day):
        raise_alert(connection, kind, entry.actor, actor=entry.actor, day=day)


def views(
    workspace: Workspace, *, person_id: str | None = None, actor: str | None = None, since: date | None = None
) -> list[View]:
    """Looks at pages in their order: of one child, by one actor, from a day (UTC) on, where given.

    Raises
    ------
    IntegrityError
        An entry of the log was edited.
    """
    with workspace.reading() as connection:
        found = entries(
            connection, kinds=[Kind.VIEW], actor=actor, not_before="" if since is None else since.isoformat()
        )
    seen = [_view(entry) for entry in found]
    return [one for one in seen if person_id is None or person_id in one.person_ids]


def persons_of(content: Mapping[str, object]) -> tuple[str, ...]:
    """The children that an entry of a view names: `person` where it is one, else `persons`."""
    named = content.get("persons", [content["person"]] if "person" in content else [])
    return tuple(str(one) for one in named) if isinstance(named, list) else ()


def by_actor(found: list[View]) -> list[tuple[str, str, int, int]]:
    """Of looks, for every actor and page: how often, and how many children it named; most first."""
    times = Counter((one.actor, one.page) for one in found)
    children = {(one.actor, one.page, person_id) for one in found for person_id in one.person_ids}
    opened = Counter((actor, page) for actor, page, _ in children)
    return [(*key, count, opened[key]) for key, count in sorted(times.items(), key=lambda one: (-one[1], one[0]))]


def _view(entry: Entry) -> View:
    content = entry.content
    return View(entry.at, entry.actor, str(content.get("page", "")), entry.subject, persons_of(content))
