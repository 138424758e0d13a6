"""A workspace made from a backup, whole or not at all.

Every file is compared with the backup's list before anything is made. The workspace is put together beside the place
where it is to stand and gets its name at the end. An older backup holds an older log: that it lacks what came after is
found against a checkpoint kept outside, and what was disposed of since has to be disposed of again.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.engine import make_url

from governance.backup import FORM, LIST_FILE, close_and_flush, unfinished
from governance.custody import Custody
from governance.digest import sha256_file
from governance.dump import POSTGRESQL_FILE, SQLITE_FILE, load
from governance.runlog import Kind
from governance.sealed_keys import opened_keys, put_keys
from governance.workspace import DATABASE_FILE, Workspace, load_settings
from vocabulary.errors import IntegrityError, UsageError


class Listed(BaseModel):
    """The list of a backup's files."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    form: str
    origin: str
    entries: int
    made: str
    files: dict[str, str]


@dataclass(frozen=True)
class Restored:
    """What was made."""

    workspace: str
    made: str  # when the backup was
    entries: int  # of its log
    files: int
    missing_keys: tuple[str, ...]  # which have to be put back before the workspace can be used
    logged: bool  # whether the log could be signed


def restore(folder: Path, target: Path, *, keys: Path | None, actor: str) -> Restored:
    """Make the workspace `target`, which is absent or an empty folder, from the backup in `folder`.

    Raises
    ------
    UsageError
        `folder` holds no backup, or something stands at `target`.
    IntegrityError
        A file of the backup is missing or altered.
    WorkspaceError
        The keys are of another workspace, or the database is not empty or not of the kind that was copied.
    """
    target = target.resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError("backup.exists", path=target)
    listed = _listed(folder)
    _hold_whole(folder, listed)
    opened = {} if keys is None else opened_keys(keys, listed.origin)
    part = unfinished(target)
    try:
        _put_together(folder, listed, part, opened)
        if target.exists():
            target.rmdir()
        part.rename(target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    workspace = Workspace.open(target)
    missing = tuple(name for name in ("root", "identities", "pseudonyms", "log") if not _stands(workspace, name))
    if "log" not in missing:
        told = {"step": "restored", "made": listed.made, "entries": listed.entries}
        told["list_sha256"] = sha256_file(folder / LIST_FILE)
        workspace.log(actor=actor, kind=Kind.BACKUP, subject="backup", body=told)
    return Restored(str(target), listed.made, listed.entries, len(listed.files), missing, "log" not in missing)


def _listed(folder: Path) -> Listed:
    try:
        listed = Listed.model_validate(json.loads((folder / LIST_FILE).read_bytes()))
    except (OSError, ValueError, ValidationError):
        raise UsageError("backup.none", folder=folder) from None
    if listed.form != FORM:
        raise UsageError("backup.none", folder=folder)
    for name in listed.files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise IntegrityError("backup.damaged", file=name)
    return listed


def _hold_whole(folder: Path, listed: Listed) -> None:
    for name, digest in listed.files.items():
        path = folder / name
        if path.is_symlink() or not path.is_file() or sha256_file(path) != digest:
            raise IntegrityError("backup.damaged", file=name)


def _put_together(folder: Path, listed: Listed, part: Path, keys: dict[str, bytes]) -> None:
    copies = {SQLITE_FILE, POSTGRESQL_FILE} & listed.files.keys()
    if len(copies) != 1:
        raise IntegrityError("backup.damaged", file=LIST_FILE)
    for name in listed.files.keys() - copies:
        (part / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, part / name)
    settings = load_settings(part)
    custody = Custody(part / "keys", settings.keys)
    custody.folder.mkdir(mode=0o700, exist_ok=True)
    put_keys(custody, keys)
    url = None if settings.database is None else make_url(settings.database)
    load(folder / copies.pop(), url, part / DATABASE_FILE)
    close_and_flush(part)


def _stands(workspace: Workspace, name: str) -> bool:
    return workspace.custody.file(name).exists()
