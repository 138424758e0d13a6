"""What is told of runs: of each in a list, and of one in full. Of no child; as statistics where only those are seen."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
from pydantic import BaseModel

from api.frame.times import local_time
from api.oversight.approval_words import state_words
from governance import register
from governance.custody import DataClass
from governance.disclosure import THRESHOLD, rounded
from governance.disposals import disposed_classes, read_disposals
from governance.holds import holds
from governance.items import Item, items
from governance.manifest import Manifest
from governance.runs import PublishedRun, held_artefacts, list_runs, read_document
from governance.workspace import Workspace
from vocabulary.source import load_sources
from vocabulary.texts import Language, catalogue, text

COUNTED = {"persons": ("link", "persons"), "flags": ("flags", "shown"), "held": ("flags", "held")}
"""Counts that are told in the list, by the stage and name they have in a manifest."""

LONGEST = 12
"""Characters of a version that are told; the whole of it is in the manifest."""

ORDER: dict[str, tuple[str, ...]] = {
    "delivery": ("delivered", "accepted", "set_aside", "after_as_of"),
    "population": ("within",),
    "link": ("records", "known_records", "newly_linked", "profiles", "pairs", "persons", "merged", "split"),
    "timeline": ("observations",),
    "indicators": ("values",),
    "judgements": ("judgements",),
    "flags": ("shown", "held"),
}
"""Counts of a manifest by stage, in the order of the run; others come after them."""

PARAMETERS = (
    "day",
    "capacity",
    "max_set_aside",
    "min_link_confidence",
    "retrain",
    "engine",
    "indicator_rules",
    "judgement_rules",
    "scorecard",
)
"""Settings that are told of a run, in this order; the specifications of its sources are in the manifest."""


class RunShown(BaseModel):
    """A run in the list."""

    run: str
    published: str  # UTC, ISO 8601
    published_here: str
    actor: str | None  # null for those who see statistics only
    approval: str
    approval_title: str
    approval_state: str  # in words
    persons: int | None
    flags: int | None
    held: int | None
    set_aside: int | None
    disposed: list[str]  # classes of its data that are gone
    kept_until: date | None  # the day on which the first of those that are left ends
    hold: str | None  # the run or approval whose hold keeps it
    latest: bool


class RunList(BaseModel):
    """One page of the runs, the newest first."""

    total: int
    page: int
    runs: list[RunShown]


class InputShown(BaseModel):
    """A file that was read."""

    name: str
    source: str
    delivered: int
    accepted: int
    set_aside: int
    sha256: str


class CountShown(BaseModel):
    """A number that a stage gave; null where it is small and only statistics are seen."""

    stage: str
    name: str
    title: str
    count: int | None


class OutputShown(BaseModel):
    """An artefact, and what has become of it."""

    name: str
    data_class: str
    rows: int | None
    disposed: bool


class RunInFull(RunShown):
    """A run with what went in and came out."""

    started: str
    as_of: date | None
    parent: str | None
    code: str
    columns: dict[str, list[str] | str]
    left_out: list[str]
    inputs: list[InputShown]  # none for those who see statistics only
    counts: list[CountShown]
    parameters: list[tuple[str, str]]  # title and value
    requests: dict[str, int]  # of the persons concerned, that were honoured
    quality: dict[str, Any] | None
    outputs: list[OutputShown]


def read_list(
    workspace: Workspace, language: Language, *, start: int, rows: int, exact: bool
) -> tuple[int, list[RunShown]]:
    """How many runs there are, and some of them, the newest first; counts as statistics unless `exact`."""
    published = list_runs(workspace)
    known = _Known(workspace, language)
    newest = published[::-1]
    return len(published), [known.shown(one, newest[0], exact=exact) for one in newest[start : start + rows]]


def read_run(workspace: Workspace, run: PublishedRun, language: Language, *, exact: bool) -> RunInFull:
    """One run in full."""
    manifest = run.manifest
    short = _Known(workspace, language).shown(run, list_runs(workspace)[-1], exact=exact)
    gone = set(short.disposed)
    requests = manifest.parameters.get("requests", {})
    quality = (
        read_document(workspace, run.run_id, "quality") if "quality" in held_artefacts(workspace, run.run_id) else None
    )
    return RunInFull(
        **short.model_dump(),
        started=local_time(manifest.started.isoformat()),
        as_of=manifest.as_of,
        parent=manifest.parent,
        code=f"{manifest.code.version} {(manifest.code.commit or manifest.code.source_sha256)[:12]}",
        columns={
            name: granted if isinstance(granted, str) else [*granted] for name, granted in manifest.columns.items()
        },
        left_out=[*manifest.left_out],
        inputs=[InputShown(**one.model_dump()) for one in manifest.inputs] if exact else [],
        counts=_counts(manifest, language, exact=exact),
        parameters=_parameters(manifest, language),
        requests={name: count for name, count in requests.items() if isinstance(count, int)},
        quality=quality if isinstance(quality, dict) else None,
        outputs=[
            OutputShown(name=one.name, data_class=one.data_class, rows=one.rows, disposed=one.data_class in gone)
            for one in manifest.outputs
        ]
        if exact
        else [],
    )


def source_titles(workspace: Workspace, language: Language) -> dict[str, str]:
    """What each source is called."""
    return {name: getattr(one.title, language) for name, one in load_sources(workspace.sources_folder).items()}


def as_statistic(count: int | None) -> int | None:
    """A count to the nearest 5; null where it is below 10."""
    return None if count is None or count < THRESHOLD else int(pl.select(rounded(pl.lit(count))).item())


def titled(key: str, otherwise: str, language: Language) -> str:
    """The text of a key, or another one where there is none: names in manifests grow with the program."""
    return text(key, language=language) if key in catalogue() else otherwise


class _Known:
    """What is looked up once for all runs: approvals, disposals, holds and terms."""

    def __init__(self, workspace: Workspace, language: Language) -> None:
        self._approvals = {one.approval.id: one for one in register.list_approvals(workspace)}
        self._language = language
        self._today = datetime.now(UTC).astimezone().date()
        with workspace.reading() as connection:
            self._disposals = read_disposals(connection)
            self._holds = holds(connection)
        self._kept: dict[str, list[Item]] = {}
        for item in items(workspace):
            if item.file is None:
                self._kept.setdefault(item.subject, []).append(item)

    def shown(self, run: PublishedRun, latest: PublishedRun, *, exact: bool) -> RunShown:
        """A run as the list has it."""
        manifest, counts = run.manifest, run.manifest.counts
        registered = self._approvals.get(manifest.approval)
        told: Mapping[str, int | None] = {name: counts.get(at, {}).get(of) for name, (at, of) in COUNTED.items()}
        gone = disposed_classes(self._disposals, run.run_id)
        return RunShown(
            run=run.run_id,
            published=run.at,
            published_here=local_time(run.at),
            actor=run.actor if exact else None,
            approval=manifest.approval,
            approval_title=registered.approval.title if registered else manifest.approval,
            approval_state=state_words(registered, self._today, self._language) if registered else "-",
            **(dict(told) if exact else {name: as_statistic(count) for name, count in told.items()}),
            set_aside=sum(one.set_aside for one in manifest.inputs) if exact else None,
            disposed=sorted(name for name in gone if name in {*DataClass}),
            kept_until=min((one.term.until for one in self._kept.get(run.run_id, ())), default=None),
            hold=next((target for target in (run.run_id, manifest.approval) if target in self._holds), None),
            latest=run.run_id == latest.run_id,
        )


def _counts(manifest: Manifest, language: Language, *, exact: bool) -> list[CountShown]:
    """The counts of every stage but the rejects, which have a page of their own."""
    told = {stage: counts for stage, counts in manifest.counts.items() if stage != "rejects"}
    return [
        CountShown(
            stage=titled(f"operating.stage_{stage}", stage, language),
            name=f"{stage}.{name}",
            title=titled(f"operating.count_{stage}_{name}", name, language),
            count=told[stage][name] if exact else as_statistic(told[stage][name]),
        )
        for stage in _ordered(told, ORDER)
        for name in _ordered(told[stage], ORDER.get(stage, ()))
    ]


def _ordered(names: Iterable[str], order: Iterable[str]) -> list[str]:
    """Names in this order, those that it does not have after the others."""
    held = [*names]
    return [*(name for name in order if name in held), *(name for name in held if name not in {*order})]


def _parameters(manifest: Manifest, language: Language) -> list[tuple[str, str]]:
    told = manifest.parameters
    found = [(name, told[name]) for name in PARAMETERS if name in told]
    found += [("linkage_model", told["linkage_model"]["version"])] if "linkage_model" in told else []
    found += [("decisions", told["decisions"]["count"])] if "decisions" in told else []
    return [(titled(f"operating.parameter_{name}", name, language), _said(value, language)) for name, value in found]


def _said(value: object, language: Language) -> str:
    if isinstance(value, bool):
        return text("operating.yes" if value else "operating.no", language=language)
    return "-" if value is None else str(value)[:LONGEST]
