"""All that is kept: classes of data of each run, and delivered files, each with its last day and what holds it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from governance import register
from governance.approval_state import State
from governance.archives import archives
from governance.custody import DataClass
from governance.digest import canonical_json
from governance.disposals import disposed_classes, read_disposals
from governance.holds import holds
from governance.manifest import Manifest
from governance.retention import DELIVERED, Term, term
from governance.runlog import Entry, Kind, entries
from governance.workspace import Workspace
from vocabulary.errors import IntegrityError


@dataclass(frozen=True)
class Item:
    """A class of data of a run, or a delivered file, and until when it is kept."""

    subject: str  # the run; of a delivered file, the run that read it first
    kind: str  # a class of data, or `retention.DELIVERED`
    term: Term
    held_by: str | None  # the run or approval whose hold keeps it
    last_run: bool  # of the run published last, which the next run continues
    file: str | None = None  # of a delivered file: its name in the delivery
    sha256: str | None = None
    archive_of: tuple[date, ...] = ()  # reference dates of which the run is the archive
    otherwise: Term | None = None  # of what is kept longer for that: until when it would be kept


class Terms:
    """Until when what runs made is kept, reckoned within one transaction.

    Raises
    ------
    IntegrityError
        An entry or an approval was edited.
    """

    def __init__(self, workspace: Workspace, connection: Connection) -> None:
        self._connection = connection
        self._chosen: Mapping[str, str] = workspace.settings.retention
        self._archives: dict[str, tuple[date, ...]] = {}
        for one in archives(connection).values():
            self._archives[one.run] = (*self._archives.get(one.run, ()), one.as_of)

    def approval_of(self, entry: Entry) -> str:
        """Id of the approval that a run was made under, by its entry of publication or of its beginning."""
        return str(entry.content.get("manifest", entry.content)["approval"])

    def term(self, entry: Entry, kind: str, *, is_archive: bool | None = None, made: date | None = None) -> Term:
        """Until when a kind of data of a run is kept, by its entry; archives as such unless `is_archive` says not.

        What came of a run later, as a verdict or an outcome, is counted from the day `made`.
        """
        approval_id = self.approval_of(entry)
        registered = register.find(self._connection, approval_id)
        if registered is None:
            raise IntegrityError("runlog.row_edited", table="approvals", row=approval_id)
        revoked = _revoked_on(self._connection, approval_id) if registered.state is State.REVOKED else None
        archived = entry.subject in self._archives if is_archive is None else is_archive
        return term(
            kind, made or day_of(entry), registered.approval, revoked=revoked, chosen=self._chosen, is_archive=archived
        )

    def item(self, entry: Entry, kind: str, held: Iterable[str], *, last_run: bool = False) -> Item:
        """A kind of data of a run."""
        by = next((target for target in (entry.subject, self.approval_of(entry)) if target in held), None)
        found, otherwise = self.term(entry, kind), self.term(entry, kind, is_archive=False)
        longer = found.until > otherwise.until
        of = self._archives.get(entry.subject, ())
        return Item(entry.subject, kind, found, by, last_run, archive_of=of, otherwise=otherwise if longer else None)


def items(workspace: Workspace) -> list[Item]:
    """Everything that is kept, the oldest run first: classes of data of each run, then delivered files by their digest.

    Raises
    ------
    IntegrityError
        An entry or an approval was edited; nothing is disposed of by edited terms.
    """
    with workspace.reading() as connection:
        terms = Terms(workspace, connection)
        return [*run_items(connection, terms), *delivered_items(connection, terms)]


def due(found: Iterable[Item], day: date) -> list[Item]:
    """Those whose last day is before `day`."""
    return [one for one in found if one.term.until < day]


def kept_as_archives(found: Iterable[Item], day: date) -> list[Item]:
    """Those that would be due, were their run not the archive of a reference date."""
    return [one for one in found if one.otherwise is not None and one.otherwise.until < day <= one.term.until]


def run_items(connection: Connection, terms: Terms, run_id: str | None = None) -> Iterator[Item]:
    """Classes of data of one run or all, in order, those that were disposed of left out."""
    held, gone = holds(connection), read_disposals(connection)
    published = entries(connection, kinds=[Kind.RUN_PUBLISHED])
    for entry in published:
        if run_id is None or entry.subject == run_id:
            classes = {output.data_class for output in manifest_of(entry).outputs}
            for data_class in DataClass:
                if data_class in classes - disposed_classes(gone, entry.subject):
                    yield terms.item(entry, data_class.value, held, last_run=entry is published[-1])


def delivered_items(connection: Connection, terms: Terms) -> Iterator[Item]:
    """Delivered files by the first run that read each since it was last deleted."""
    held, first = holds(connection), dict[str, Item]()
    deleted = {sha256: one.seq for one in read_disposals(connection, DELIVERED) for sha256 in one.files.values()}
    for entry in entries(connection, kinds=[Kind.RUN_PUBLISHED]):
        item = terms.item(entry, DELIVERED, held)
        for one in manifest_of(entry).inputs:
            if entry.seq > deleted.get(one.sha256, 0):
                found = first.setdefault(one.sha256, replace(item, file=one.name, sha256=one.sha256))
                if found.held_by is None and item.held_by is not None:
                    first[one.sha256] = replace(found, held_by=item.held_by)
    yield from first.values()


def manifest_of(published: Entry) -> Manifest:
    """The manifest in a run's entry of publication."""
    return Manifest.model_validate_json(canonical_json(published.content["manifest"]))


def day_of(entry: Entry) -> date:
    """The day of an entry where the computer is; its time is never before that of the entry before."""
    return datetime.fromisoformat(entry.at).astimezone().date()


def _revoked_on(connection: Connection, approval_id: str) -> date:
    """Of any version: entries of later ones have the id, a slash and a number as their subject."""
    told = [
        entry
        for entry in entries(connection, kinds=[Kind.APPROVAL_REVOKED])
        if entry.subject.partition("/")[0] == approval_id
    ]
    return day_of(told[-1])
