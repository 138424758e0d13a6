"""The rules a city's runs are made by: its own where its workspace has them, else those that come with the system."""

from dataclasses import dataclass
from pathlib import Path

from governance.workspace import Workspace
from indicators.judgement_rules import JudgementRules, load_judgement_rules
from indicators.rules import Rules, load_rules
from vocabulary.source import load_sources

INDICATORS, JUDGEMENTS = "indicators.toml", "judgements.toml"
"""Names of a city's own rules in its workspace."""


@dataclass(frozen=True)
class CityRules:
    """How indicators are formed, and how they are judged."""

    indicators: Rules
    judgements: JudgementRules


def load_city_rules(workspace: Workspace) -> CityRules:
    """The rules of a workspace, held against one another and against its sources.

    Raises
    ------
    SpecificationError
        A file of the city's own is not as it must be, or names an item or indicator that there is not.
    """
    own_indicators, own_judgements = (_own(workspace, name) for name in (INDICATORS, JUDGEMENTS))
    rules = CityRules(load_rules(own_indicators), load_judgement_rules(own_judgements))
    if own_indicators is not None:
        rules.indicators.hold_against(load_sources(workspace.sources_folder))
    rules.judgements.hold_against(rules.indicators)
    return rules


def _own(workspace: Workspace, name: str) -> Path | None:
    path = workspace.path / name
    return path if path.is_file() else None
