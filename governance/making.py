"""A folder that is put together beside its place and gets its name at the end: whole or not there, by one at a time."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from governance.flushing import flush_all
from governance.lock import ProcessLock
from vocabulary.errors import WorkspaceError

SUFFIX = "mimamori-part"
"""How the names end of what is not finished."""


@dataclass(frozen=True)
class Making:
    """What is being made: the folder to fill, and the lock that is held meanwhile."""

    part: Path
    lock: ProcessLock


@contextmanager
def making(place: Path) -> Iterator[Making]:
    """Make what is to stand at `place`, in an empty folder beside it that is removed if it does not get that name.

    What a killed process left in it is removed first.

    Raises
    ------
    WorkspaceError
        Another process is making the same.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    lock = ProcessLock(place.with_name(f".{place.name}.mimamori-lock"))
    if not lock.take():
        raise WorkspaceError("backup.under_way", path=place)
    part = place.with_name(f".{place.name}.{SUFFIX}")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        yield Making(part, lock)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        lock.release()


def close_and_flush(folder: Path) -> None:
    """Make every file under `folder` its owner's alone, and have files and folders written through to the disk."""
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o700 if path.is_dir() else 0o600)
    flush_all(folder)
