"""The crate of a run, written into a folder: metadata and manifest, nothing of a child."""

import json
import shutil
from pathlib import Path

from governance.crate import METADATA_FILE, Disclosure, crate
from governance.digest import sha256_file
from governance.manifest import MANIFEST_FILE
from governance.runlog import Kind, entries
from governance.runs import load_manifest, read_document
from governance.workspace import Workspace
from mimamori.conditions import approval_of
from mimamori.quality import reviewed
from mimamori.results import QUALITY


def write_crate(workspace: Workspace, run_id: str, out: Path) -> list[Path]:
    """Write `ro-crate-metadata.json` and the manifest of a run into `out`, which is made where it is absent.

    Raises
    ------
    WorkspaceError
        There is no such run, or its approval is not registered any more.
    IntegrityError
        The run or its approval is not what was written.
    """
    manifest = load_manifest(workspace, run_id)
    stored = workspace.run_folder(run_id) / MANIFEST_FILE
    estimates = {} if manifest.output(QUALITY) is None else read_document(workspace, run_id, QUALITY)
    if not isinstance(estimates, dict):
        raise TypeError("the quality of a run is an object")
    told = crate(
        manifest,
        manifest_sha256=sha256_file(stored),
        approval=approval_of(workspace, manifest),
        quality={**estimates, "reviewed": reviewed(workspace, run_id)},
        disclosures=_disclosures(workspace, run_id),
    )
    out.mkdir(parents=True, exist_ok=True)
    (out / METADATA_FILE).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    shutil.copyfile(stored, out / MANIFEST_FILE)
    return [out / METADATA_FILE, out / MANIFEST_FILE]


def _disclosures(workspace: Workspace, run_id: str) -> tuple[Disclosure, ...]:
    """The last that the log tells of each release drawn from the run."""
    with workspace.reading() as connection:
        told = [entry for entry in entries(connection, kinds=[Kind.RELEASE]) if entry.content.get("run") == run_id]
    last = {entry.subject: Disclosure(entry.subject, entry.content["state"], entry.at, entry.actor) for entry in told}
    return tuple(last.values())
