"""What was disposed of, by the log: begun entries name it with its hashes, completed ones say that it is gone.

A disposal is begun in the log before anything is destroyed, so what a begun entry names is never used again, whether or
not its process lived to complete it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from governance.runlog import Entry, Kind, entries

BEGUN, COMPLETED = "begun", "completed"


@dataclass(frozen=True)
class Disposal:
    """One disposal, as its begun entry tells of it."""

    seq: int
    subject: str  # the run; or `retention.DELIVERED`
    actor: str
    day: str  # by which retention was reckoned
    folder: str | None  # where delivered files stood
    classes: tuple[str, ...]  # of data of a run, whose keys were destroyed
    files: dict[str, str]  # path under the folder → SHA-256 of its bytes; wrapped keys among them
    completed: bool


def disposals(log: Iterable[Entry]) -> list[Disposal]:
    """Every disposal among these entries, in order."""
    told = [entry for entry in log if entry.kind == Kind.DISPOSAL]
    completed = {entry.content.get("begun") for entry in told if entry.content.get("step") == COMPLETED}
    return [
        Disposal(
            seq=entry.seq,
            subject=entry.subject,
            actor=entry.actor,
            day=entry.content["day"],
            folder=entry.content.get("folder"),
            classes=tuple(entry.content.get("classes", ())),
            files=dict(entry.content["files"]),
            completed=entry.seq in completed,
        )
        for entry in told
        if entry.content.get("step") == BEGUN
    ]


def read_disposals(connection: Connection, subject: str | None = None) -> list[Disposal]:
    """Disposals of a run, or all. Errors as of `runlog.entries`."""
    return disposals(entries(connection, kinds=[Kind.DISPOSAL], subject=subject))


def disposed_classes(found: Iterable[Disposal], run_id: str) -> frozenset[str]:
    """Classes of a run's data that cannot be read any more."""
    return frozenset(name for one in found if one.subject == run_id for name in one.classes)
