"""The manifest of a run: who made it, under which approval, from what, with what, and what came out.

It stands as `manifest.json` in the run's folder, and whole in the run's log entry. It holds no personal data.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from governance.custody import DataClass

MANIFEST_FILE = "manifest.json"


class Part(BaseModel):
    """What every part of a manifest has in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Input(Part):
    """One delivered file."""

    name: str  # relative to the delivery
    source: str
    sha256: str
    delivered: int  # rows
    accepted: int
    set_aside: int


class Output(Part):
    """One artefact."""

    name: str
    file: str  # in the run's folder
    data_class: DataClass
    rows: int | None  # None: a document
    sha256: str  # of the stored, encrypted bytes
    content_sha256: str  # of the content: of a table, the CSV of its export; of a document, its canonical JSON


class CodeVersion(Part):
    """Which code ran."""

    version: str  # of the package
    commit: str | None  # of the checkout, where there is one
    source_sha256: str  # over the project's source files


class Manifest(Part):
    """The manifest of a run."""

    run: str
    approval: str
    approval_sha256: str  # of the registered text
    actor: str
    started: datetime
    finished: datetime
    as_of: date | None
    columns: Mapping[str, tuple[str, ...] | Literal["*"]]  # measurement columns that may be read
    left_out: tuple[str, ...]  # delivered sources that were not read
    inputs: tuple[Input, ...]
    parameters: Mapping[str, Any]
    seeds: Mapping[str, int]
    counts: Mapping[str, Mapping[str, int]]  # of each stage: what went in and came out
    code: CodeVersion
    libraries: Mapping[str, str]
    environment: Mapping[str, str]
    parent: str | None  # the run whose person ids this one kept
    outputs: tuple[Output, ...]

    def output(self, name: str) -> Output | None:
        """The artefact of this name; None where there is none."""
        return next((output for output in self.outputs if output.name == name), None)
