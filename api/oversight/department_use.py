"""Every use that was made of a department's records: runs, files that left, statistics, looks at children, disposals.

Read from the run log and the manifests of runs. Acts of the city hall are counted exactly; children are counted as
statistics are released (`governance.disclosure`).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from pydantic import BaseModel

from api.frame.times import begin_of, end_of, local_time
from api.oversight.log_words import page_words
from governance.disclosure import ROUNDING, THRESHOLD
from governance.runlog import Entry, Kind, entries
from governance.runs import PublishedRun, list_runs, read_artefact
from governance.views import persons_of
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError
from vocabulary.texts import Language

UNLIMITED = "*"


class RunUse(BaseModel):
    """A run that read the source."""

    run: str
    at: str
    approval: str
    by: str
    columns: list[str] | None  # None: all of the specification
    delivered: int
    accepted: int
    set_aside: int


class ExportUse(BaseModel):
    """Tables of such a run that left as files."""

    at: str
    run: str
    by: str
    recipient: str | None
    tables: list[str]


class ReleaseUse(BaseModel):
    """A step of a release of statistics from such a run."""

    at: str
    run: str
    by: str
    release: str
    state: str


class ViewUse(BaseModel):
    """Looks at pages made from such runs."""

    page: str
    what: str
    views: int
    children: int | None  # with records of the source, to the nearest 5; None below 10 or where the page is of no child


class DisposalUse(BaseModel):
    """What of such a run, or of delivered files, was destroyed."""

    at: str
    run: str
    by: str
    classes: list[str]


class Use(BaseModel):
    """Every use of a source in a period."""

    source: str
    since: date
    until: date
    runs: list[RunUse]
    exports: list[ExportUse]
    releases: list[ReleaseUse]
    views: list[ViewUse]
    disposals: list[DisposalUse]


def read_use(workspace: Workspace, source: str, since: date, until: date, language: Language) -> Use:
    """Every use of a source, both days included.

    Runs before the period count too for what was done with them within it.
    """
    of_source = {run.run_id: run for run in list_runs(workspace) if source in run.manifest.columns}
    kinds = (Kind.EXPORT, Kind.RELEASE, Kind.VIEW, Kind.DISPOSAL)
    first, last = begin_of(since), end_of(until)
    with workspace.reading() as connection:
        found = [one for one in entries(connection, kinds=kinds) if first <= one.at < last]
    of_kind: dict[str, list[Entry]] = defaultdict(list)
    for entry in found:
        of_kind[entry.kind].append(entry)
    return Use(
        source=source,
        since=since,
        until=until,
        runs=[_run(run, source) for run in of_source.values() if first <= run.at < last],
        exports=[_export(one) for one in of_kind[Kind.EXPORT] if one.subject in of_source],
        releases=[_release(one) for one in of_kind[Kind.RELEASE] if one.content.get("run") in of_source],
        views=_views(workspace, [one for one in of_kind[Kind.VIEW] if one.subject in of_source], source, language),
        disposals=[_disposal(one) for one in of_kind[Kind.DISPOSAL] if one.subject in of_source and _began(one)],
    )


def _run(run: PublishedRun, source: str) -> RunUse:
    granted = run.manifest.columns[source]
    of_source = [one for one in run.manifest.inputs if one.source == source]
    return RunUse(
        run=run.run_id,
        at=local_time(run.at),
        approval=run.manifest.approval,
        by=run.actor,
        columns=None if UNLIMITED in granted else sorted(granted),
        delivered=sum(one.delivered for one in of_source),
        accepted=sum(one.accepted for one in of_source),
        set_aside=sum(one.set_aside for one in of_source),
    )


def _export(entry: Entry) -> ExportUse:
    tables = sorted({str(name).partition(".")[0] for name in entry.content.get("files", {})})
    recipient = entry.content.get("recipient")
    return ExportUse(at=local_time(entry.at), run=entry.subject, by=entry.actor, recipient=recipient, tables=tables)


def _release(entry: Entry) -> ReleaseUse:
    content = entry.content
    return ReleaseUse(
        at=local_time(entry.at), run=content["run"], by=entry.actor, release=entry.subject, state=content["state"]
    )


def _began(entry: Entry) -> bool:
    """A disposal is told twice, as it begins and as it is completed; it is one use."""
    return entry.content.get("step") == "begun"


def _disposal(entry: Entry) -> DisposalUse:
    classes = [str(one) for one in entry.content.get("classes", ())]
    return DisposalUse(at=local_time(entry.at), run=entry.subject, by=entry.actor, classes=classes)


def _views(workspace: Workspace, seen: Iterable[Entry], source: str, language: Language) -> list[ViewUse]:
    """Looks by page. Those at children count where one has a record of the source, or that cannot be told."""
    of_page: dict[str, list[frozenset[str]]] = defaultdict(list)
    known: dict[str, frozenset[str] | None] = {}
    for entry in seen:
        run, persons = entry.subject, frozenset(persons_of(entry.content))
        if persons and run not in known:
            known[run] = children_of(workspace, run, source)
        within = known.get(run)
        of_source = persons if within is None else persons & within
        if of_source or not persons:
            of_page[str(entry.content.get("page", ""))].append(of_source)
    return [
        ViewUse(
            page=page,
            what=page_words(page, language),
            views=len(found),
            children=coarse(len(frozenset[str]().union(*found))),
        )
        for page, found in sorted(of_page.items())
    ]


def coarse(children: int) -> int | None:
    """A number of children as it may be told: to the nearest 5, and none below 10."""
    return None if children < THRESHOLD else ROUNDING * round(children / ROUNDING)


def children_of(workspace: Workspace, run: str, source: str) -> frozenset[str] | None:
    """Ids of a run's children with a record of a source; None where the run's tables are gone."""
    try:
        persons = read_artefact(workspace, run, "persons", ["person_id", "sources"])
    except WorkspaceError:
        return None
    return frozenset(persons.filter(persons["sources"].str.split(";").list.contains(source))["person_id"])
