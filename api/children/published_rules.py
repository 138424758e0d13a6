"""The rules and source specifications a run was made by, as it keeps them: what its values are called and how said."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from governance.runs import PublishedRun, read_document
from governance.workspace import Workspace
from indicators.judgement_rules import JudgementRules, load_judgement_rules
from indicators.rules import Rules, load_rules
from vocabulary.source import Source, load_sources

DOCUMENT = "rules"
SOURCE = "source_"
"""Before the name of a source in the document."""


@dataclass(frozen=True)
class RunRules:
    """How indicators are formed and said, how they are judged, and what the sources are called."""

    indicators: Rules
    judgements: JudgementRules
    sources: Mapping[str, Source]


def run_rules(workspace: Workspace, run: PublishedRun) -> RunRules:
    """The rules of a run; those that come with the system where the run was made before runs kept them.

    Raises
    ------
    WorkspaceError
        Their key was destroyed.
    IntegrityError
        They are not what was written.
    """
    if run.manifest.output(DOCUMENT) is None:
        return RunRules(load_rules(), load_judgement_rules(), load_sources(workspace.sources_folder))
    written = read_document(workspace, run.run_id, DOCUMENT)
    if not isinstance(written, dict):
        raise TypeError("the rules of a run are an object")
    return RunRules(
        Rules.model_validate_json(written["indicators"]),
        JudgementRules.model_validate_json(written["judgements"]),
        {name: Source.model_validate_json(written[f"{SOURCE}{name}"]) for name in json.loads(written["order"])},
    )
