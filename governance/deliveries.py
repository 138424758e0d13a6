"""The folder in which deliveries are put for runs started from a page, and what lies in one; no row is read.

A delivery is a folder directly below the one of `[deliveries] folder` in `mimamori.toml`. Nothing that leads out of it
is taken: no path, and no link to elsewhere.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from governance.digest import sha256_file, sha256_json
from governance.workspace import Workspace
from vocabulary.errors import DeliveryError, UsageError

NAME = re.compile(r"[^./\\\x00-\x1f\x7f\ud800-\udfff][^/\\\x00-\x1f\x7f\ud800-\udfff]*")
"""Names of deliveries: no path, nothing hidden, nothing that a file's name cannot hold."""

LONGEST_NAME = 255
"""In bytes, as file systems have it."""

MOST_FILES = 2_000
"""In one delivery: more are not a delivery but some other folder."""


@dataclass(frozen=True)
class HeldFile:
    """A file of a delivery."""

    name: str  # relative to the delivery
    size: int  # bytes
    changed: datetime
    sha256: str | None = None  # where asked for


def deliveries_folder(workspace: Workspace) -> Path:
    """Where deliveries are put; it need not be there."""
    return workspace.path / workspace.settings.deliveries.folder


def delivery_names(workspace: Workspace) -> list[str]:
    """Names of the deliveries, the one that was changed last first."""
    folder = deliveries_folder(workspace)
    if not folder.is_dir():
        return []
    held = [one for one in folder.iterdir() if one.is_dir() and NAME.fullmatch(one.name)]
    within = [one for one in held if one.resolve().parent == folder.resolve()]
    return [one.name for one in sorted(within, key=lambda one: (-one.stat().st_mtime, one.name))]


def delivery_path(workspace: Workspace, name: str) -> Path:
    """The folder of a delivery.

    Raises
    ------
    UsageError
        `name` is a path or leads elsewhere.
    DeliveryError
        There is none of this name, or one of its files leads out of it.
    """
    folder = deliveries_folder(workspace).resolve()
    if not NAME.fullmatch(name) or len(os.fsencode(name)) > LONGEST_NAME:
        raise UsageError("operating.delivery_name", delivery=name)
    path = (folder / name).resolve()
    if path.parent != folder:
        raise UsageError("operating.delivery_name", delivery=name)
    if not path.is_dir():
        raise DeliveryError("operating.delivery_absent", delivery=name, folder=folder)
    return path


def held_files(workspace: Workspace, name: str, *, hashed: bool = False) -> list[HeldFile]:
    """The files of a delivery by name, with their SHA-256 where `hashed`. Errors as of `delivery_path`."""
    folder = delivery_path(workspace, name)
    found: list[HeldFile] = []
    for path in _files(folder):
        relative = path.relative_to(folder).as_posix()
        if not path.resolve().is_relative_to(folder) or not path.is_file():
            raise DeliveryError("operating.delivery_leads_out", delivery=name, file=relative)
        if len(found) == MOST_FILES:
            raise DeliveryError("operating.delivery_too_many", delivery=name, most=MOST_FILES)
        stat = path.stat()
        changed = datetime.fromtimestamp(stat.st_mtime, UTC)
        found.append(HeldFile(relative, stat.st_size, changed, sha256_file(path) if hashed else None))
    return found


def delivery_sha256(files: list[HeldFile]) -> str:
    """One digest of hashed files: of their names and digests."""
    return sha256_json({one.name: one.sha256 for one in files})


def _files(folder: Path) -> Iterator[Path]:
    """Files of the folder and of the folders in it, and links that lead out of it, for the caller to refuse."""
    for path in _shown(folder):
        if path.is_dir() and path.resolve().is_relative_to(folder):
            yield from (one for one in _shown(path) if not one.is_dir() or one.is_symlink())
        else:
            yield path


def _shown(folder: Path) -> list[Path]:
    """What is in a folder, as deliveries are read: nothing hidden, and files that are files."""
    held = (path for path in sorted(folder.iterdir()) if not path.name.startswith((".", "~")))
    return [path for path in held if path.is_file() or path.is_dir() or path.is_symlink()]
