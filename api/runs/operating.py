"""What the operators' pages are given: what lies in a delivery, a run started, two runs compared, a run's crate.

`Operating` is what they ask; `mimamori.serving_runs` answers it.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Protocol

from api.runs.compared import Comparison
from governance.access import Actor
from governance.deliveries import HeldFile
from governance.jobs import Job


@dataclass(frozen=True)
class Delivered:
    """What lies in a delivery; no row of it was read."""

    name: str
    files: tuple[HeldFile, ...]  # with their digests
    source_of: dict[str, str]  # by the name of a file, the source that it is of; others would not be read
    sha256: str  # of all files together


@dataclass(frozen=True)
class Asked:
    """A run as it is asked for: the settings that its results depend on."""

    approval: str
    delivery: str
    delivery_sha256: str  # of the files as they were shown
    as_of: date | None
    capacity: float | int
    max_set_aside: float
    min_link_confidence: float
    retrain: bool

    def parameters(self) -> dict[str, Any]:
        """The settings as JSON values."""
        told = asdict(self) | {"as_of": None if self.as_of is None else self.as_of.isoformat()}
        return {name: told[name] for name in told if name not in ("approval", "delivery", "delivery_sha256")}


class Operating(Protocol):
    """What operators can do beside looking."""

    stages: tuple[str, ...]
    """Keys of the texts of the stages that a run goes through, in order."""

    def delivered(self, name: str) -> Delivered:
        """What lies in a delivery. Errors as of `governance.deliveries.held_files`."""

    def start(self, actor: Actor, asked: Asked) -> Job:
        """Start a run in a process of its own. Errors as of `governance.jobs.ask`."""

    def compare(self, one: str, other: str, *, statistics_only: bool) -> Comparison:
        """Compare two runs. Errors as of `mimamori.comparing_runs.compare`."""

    def crate(self, run_id: str) -> bytes:
        """The RO-Crate of a run as a ZIP archive: metadata and manifest, nothing of a child."""
