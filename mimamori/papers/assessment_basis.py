"""What the privacy impact assessment is made from: what is in force in a workspace, and what the city says itself."""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from governance.accounts import ever_active
from governance.approval import Approval
from governance.data_owners import owners
from governance.manifest import Manifest
from governance.public_log import read_public_log
from governance.runs import list_runs
from governance.verify import Verification, verify
from governance.workspace import Settings, Workspace
from mimamori.city_rules import CityRules, load_city_rules
from mimamori.learning import adopted_scorecard
from mimamori.papers.paper import Say, Table
from mimamori.papers.variables import approvals_in_force
from vocabulary.errors import UsageError
from vocabulary.source import Source, load_sources
from vocabulary.texts import Language

FIELDS = (
    "body",
    "department",
    "system",
    "published",
    "source",
    "contractor",
    "physical",
    "network",
    "backup",
    "incident",
    "education",
    "audit",
    "contact",
    "comments",
    "review",
    "residual",
)
"""What only the city can say, in the order of the paper."""


@dataclass(frozen=True)
class Basis:
    """What is in force today."""

    today: date
    approvals: Sequence[Approval]
    sources: Mapping[str, Source]
    owned: frozenset[str]  # sources whose owner is named
    settings: Settings
    rules: CityRules
    scorecard: str | None  # version of the trained one in use
    has_accounts: bool
    last: Manifest | None
    entries: Counter[str]  # of the log, by kind
    verification: Verification
    filled: Mapping[str, str]  # of `FIELDS`


@dataclass(frozen=True)
class Words:
    """What the parts of the paper are made with."""

    language: Language
    say: Say
    filled: Mapping[str, str]

    def table(self, title: str, rows: Sequence[Sequence[object]], names: Sequence[str]) -> Table:
        """A table with the columns of these names."""
        codes = [at for at, name in enumerate(names) if name in ("enforced", "test")]
        numbers = [at for at, name in enumerate(names) if name == "count"]
        return Table(title, [self.say(f"column_{name}") for name in names], rows, numbers=numbers, codes=codes)

    def facts(self, title: str, rows: Sequence[Sequence[str]]) -> Table:
        """A table of what holds, and by what."""
        return self.table(title, rows, ("item", "said", "enforced"))

    def fact(self, item: str, said: str, *enforced: object) -> tuple[str, str, str]:
        """A row: what holds, and the functions and files that enforce it."""
        return item, said, "\n".join(map(named, enforced))

    def field(self, name: str) -> tuple[str, str, str]:
        """A row that only the city can fill in."""
        return self.say(f"field_{name}"), self.filled.get(name) or self.say("open"), "–"


def named(what: object) -> str:
    """A function or class by its module and name; a file of the repository as it is written."""
    return what if isinstance(what, str) else f"{getattr(what, '__module__', '')}.{getattr(what, '__qualname__', '')}"


def read_basis(workspace: Workspace, *, today: date, filled: Mapping[str, str]) -> Basis:
    """Read what is in force. No table with rows of a child is read.

    Raises
    ------
    IntegrityError
        The log does not fit its newest checkpoint, or an approval was edited outside the system.
    SpecificationError
        A city's own rules or specifications are not well formed.
    """
    runs = list_runs(workspace)
    scorecard = adopted_scorecard(workspace, today)
    with workspace.reading() as connection:
        has_accounts = ever_active(connection)
    return Basis(
        today=today,
        approvals=approvals_in_force(workspace, today),
        sources=load_sources(workspace.sources_folder),
        owned=frozenset(owners(workspace)),
        settings=workspace.settings,
        rules=load_city_rules(workspace),
        scorecard=None if scorecard is None else scorecard.version,
        has_accounts=has_accounts,
        last=runs[-1].manifest if runs else None,
        entries=Counter(entry.kind for entry in read_public_log(workspace).entries),
        verification=verify(workspace),
        filled=filled,
    )


def read_filled(file: Path | None) -> dict[str, str]:
    """What the city says, by field.

    Raises
    ------
    UsageError
        The file is not there or not TOML, or has something else than text under the name of a field.
    """
    if file is None:
        return {}
    try:
        stated = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError("assessment.filled_unread", file=file, problem=error) from None
    for name, said in stated.items():
        if name not in FIELDS or not isinstance(said, str):
            raise UsageError("assessment.filled_unknown", file=file, name=name, known=", ".join(FIELDS))
    return stated
