"""What a run is made under beside files, approval and code: kept with the run, so that it can be made again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
from pydantic import BaseModel

from governance import versions
from governance.manifest import Manifest
from governance.requests import Honoured
from governance.runs import read_artefact, read_document
from governance.versions import Registered
from governance.workspace import Workspace
from indicators.judgement_rules import JudgementRules
from indicators.rules import Rules
from indicators.scorecard import Scorecard
from mimamori.city_rules import CityRules
from mimamori.learning import scorecard_of
from vocabulary.errors import WorkspaceError
from vocabulary.source import Source

RULES, DECISIONS, CORRECTIONS, OBJECTIONS = "rules", "decisions", "corrections", "objections"
"""Artefacts of a run: the rules and specifications it applied, and the decisions and requests it kept to."""


SOURCE = "source_"
"""Before the name of a source, among the rules that are kept."""


@dataclass(frozen=True)
class Conditions:
    """Conditions of one run."""

    day: date  # of the processing; no row may be dated after it
    sources: Mapping[str, Source]
    rules: CityRules
    scorecard: Scorecard | None
    decisions: pl.DataFrame  # vocabulary.frames.DECISIONS
    heeded: Honoured  # accepted requests of the persons concerned
    seeds: Mapping[str, int]
    parent: str | None  # run whose person ids, records and model this one carries on

    def rules_document(self) -> dict[str, str]:
        """Rules and specifications, each as JSON text, in which they keep the order they were written in."""
        models: dict[str, BaseModel] = {"indicators": self.rules.indicators, "judgements": self.rules.judgements}
        models |= {f"{SOURCE}{name}": source for name, source in self.sources.items()}
        written = {name: model.model_dump_json(by_alias=True, exclude_unset=True) for name, model in models.items()}
        return written | {"order": json.dumps(list(self.sources))}


def approval_of(workspace: Workspace, manifest: Manifest) -> Registered:
    """The version of the approval that a run was made under, as the register holds it now.

    Raises
    ------
    WorkspaceError
        The register has no version with the text that the manifest names.
    IntegrityError
        The approval was edited outside the system.
    """
    with workspace.reading() as connection:
        held = [versions.registered(row) for row in versions.rows(connection, manifest.approval)]
    then = next((one for one in held if one.sha256 == manifest.approval_sha256), None)
    if then is None:
        raise WorkspaceError("replay.approval_absent", run=manifest.run, approval=manifest.approval)
    return then


def conditions_of(workspace: Workspace, manifest: Manifest) -> Conditions:
    """The conditions that a run was made under.

    Raises
    ------
    WorkspaceError
        The run was made before runs kept them, its scorecard is not there, or the key of its identities or statistics
        was destroyed.
    IntegrityError
        What was kept is not what was written.
    """
    if None in [manifest.output(name) for name in (RULES, DECISIONS, CORRECTIONS, OBJECTIONS)]:
        raise WorkspaceError("replay.conditions_absent", run=manifest.run)
    written = read_document(workspace, manifest.run, RULES)
    if not isinstance(written, dict):
        raise TypeError("the rules of a run are an object")
    return Conditions(
        day=date.fromisoformat(manifest.parameters["day"]),
        sources={name: Source.model_validate_json(written[f"{SOURCE}{name}"]) for name in json.loads(written["order"])},
        rules=CityRules(
            Rules.model_validate_json(written["indicators"]), JudgementRules.model_validate_json(written["judgements"])
        ),
        scorecard=scorecard_of(workspace, manifest.parameters["scorecard"]),
        decisions=read_artefact(workspace, manifest.run, DECISIONS),
        heeded=Honoured(*(read_artefact(workspace, manifest.run, name) for name in (CORRECTIONS, OBJECTIONS))),
        seeds=manifest.seeds,
        parent=manifest.parent,
    )
