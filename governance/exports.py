"""Files that leave the workspace: a run's tables in plaintext, logged by their hashes."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pyarrow.parquet as parquet

from governance.accounts import require_account
from governance.digest import csv_header, csv_rows, sha256_file
from governance.export_terms import within_retention
from governance.pseudonyms import LEFT_OUT, WITHIN, pseudonymise
from governance.runlog import Kind
from governance.runs import load_manifest, read_artefact_parts
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError


def export_run(
    workspace: Workspace, run_id: str, out: Path, *, names: Iterable[str], actor: str, recipient: str | None = None
) -> list[Path]:
    """Write tables of a run into `out` as CSV and Parquet, and log which files they were.

    Tables past their retention are left out.

    The files are logged before the last of them stands under its name, so no whole export is without an entry.

    Parameters
    ----------
    workspace
        An open workspace.
    run_id
        A published run.
    out
        Folder; made where it is absent. Files of the same names are replaced.
    names
        Artefacts to write.
    actor
        Who asked.
    recipient
        Whom it is for, where that is said. One other than those in `pseudonyms.WITHIN` gets pseudonyms of the run's
        approval for person ids, and none of the tables in `pseudonyms.LEFT_OUT`.

    Raises
    ------
    RefusalError
        The approval was revoked, or all that was asked for is past its retention. The refusal is in the run log.
    WorkspaceError
        There is no such run or artefact, `out` is a file, or `actor` has to be an active account.
    IntegrityError
        An artefact is not what was written.
    """
    with workspace.reading() as connection:
        require_account(connection, actor)
    approval = load_manifest(workspace, run_id).approval
    names = within_retention(workspace, run_id, names, actor=actor)
    leaving = recipient is not None and recipient not in WITHIN
    drafts = _drafts(out, [name for name in names if not (leaving and name in LEFT_OUT)])
    try:
        for target, draft in drafts.items():
            parts = _parts(workspace, run_id, target.stem, pseudonyms_of=approval if leaving else None)
            _write(parts, target.suffix, draft)
        files = {target.name: sha256_file(draft) for target, draft in drafts.items()}
        body = {"files": files} if recipient is None else {"files": files, "recipient": recipient}
        workspace.log(actor=actor, kind=Kind.EXPORT, subject=run_id, body=body)
        for target, draft in drafts.items():
            draft.replace(target)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
    return list(drafts)


def _drafts(out: Path, names: Iterable[str]) -> dict[Path, Path]:
    """What each file is called and what until it is logged; the folder is made."""
    if out.exists() and not out.is_dir():
        raise WorkspaceError("workspace.not_a_folder", path=out)
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    suffixes = (".csv", ".parquet")
    return {out / f"{name}{suffix}": out / f".{name}{suffix}.part" for name in names for suffix in suffixes}


def _parts(workspace: Workspace, run_id: str, name: str, *, pseudonyms_of: str | None) -> Iterator[pl.DataFrame]:
    """An artefact in parts; as one, with pseudonyms of an approval, where one is named."""
    parts = read_artefact_parts(workspace, run_id, name)
    if pseudonyms_of is None:
        return parts
    return iter([pseudonymise(workspace.custody, pl.concat(parts), pseudonyms_of)])


def _write(parts: Iterator[pl.DataFrame], suffix: str, draft: Path) -> None:
    draft.touch(mode=0o600)
    with draft.open("wb") as file:
        write_table(parts, suffix, file)


def write_table(parts: Iterator[pl.DataFrame], suffix: str, file: BinaryIO) -> None:
    """Write a table into an open file as an export has it; the same parts give the same bytes.

    Parameters
    ----------
    parts
        Rows in their order, cut as artefacts are (`governance.artefacts`); at least one part, which may be empty.
    suffix
        `.csv` or `.parquet`.
    file
        Open for writing.
    """
    first = next(parts)
    if suffix == ".csv":
        file.write(csv_header(first.schema))
        for part in chain([first], parts):
            file.writelines(csv_rows(part))
        return
    with parquet.ParquetWriter(file, first.to_arrow().schema, compression="zstd") as writer:
        for part in chain([first], parts):
            writer.write_table(part.to_arrow())
