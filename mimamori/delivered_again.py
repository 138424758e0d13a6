"""The delivered files of a past run, found again by their SHA-256: in a folder that is given, or in the workspace."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from governance.digest import sha256_file
from governance.manifest import Input, Manifest
from governance.runlog import Kind, entries
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError
from vocabulary.texts import text


@contextmanager
def delivered_again(workspace: Workspace, manifest: Manifest, delivery: Path | None) -> Iterator[Path]:
    """A folder that holds the files a run read and no others, as links under the names they had.

    Parameters
    ----------
    workspace
        Where the files are looked for without `delivery`.
    manifest
        Of the run.
    delivery
        The folder they were delivered in, or a copy of it.

    Raises
    ------
    WorkspaceError
        A file is not there, or is not what was read. It names all of them, and says of each whether it was disposed of.
    """
    found = {one: _find(workspace, one, delivery) for one in manifest.inputs}
    faults = [_fault(workspace, one, path) for one, path in found.items() if path is None or not _is(path, one)]
    if faults:
        raise WorkspaceError("replay.inputs", run=manifest.run, files=" ".join(faults))
    with TemporaryDirectory(prefix="mimamori-") as folder:
        _link(Path(folder), {one.name: path for one, path in found.items() if path is not None})
        yield Path(folder)


def _find(workspace: Workspace, one: Input, delivery: Path | None) -> Path | None:
    """Where a file stands: under its name in the delivery, or anywhere in the workspace with its content."""
    if delivery is not None:
        path = delivery / one.name
        return path if path.is_file() else None
    stored = workspace.path.rglob(Path(one.name).name)
    return next((path for path in sorted(stored) if path.is_file() and _is(path, one)), None)


def _is(path: Path, one: Input) -> bool:
    return sha256_file(path) == one.sha256


def _fault(workspace: Workspace, one: Input, path: Path | None) -> str:
    if path is not None:
        return text("replay.input_altered", file=one.name, sha256=one.sha256)
    with workspace.reading() as connection:
        disposals = [entry for entry in entries(connection, kinds=[Kind.DISPOSAL]) if one.sha256 in entry.body]
    if disposals:
        return text("replay.input_disposed", file=one.name, day=disposals[0].at[:10], entry=disposals[0].seq)
    return text("replay.input_absent", file=one.name, sha256=one.sha256)


def _link(folder: Path, files: Mapping[str, Path]) -> None:
    for name, path in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).symlink_to(path.resolve())
