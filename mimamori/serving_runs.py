"""Runs for the operators' pages, by the functions of the terminal. Answers `api.runs.operating.Operating`."""

import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from api.runs.compared import Comparison
from api.runs.operating import Asked, Delivered
from governance import jobs
from governance.access import Actor
from governance.deliveries import HeldFile, delivery_sha256, held_files
from governance.job_state import JobStep
from governance.jobs import Job, Reason
from governance.workspace import Workspace
from vocabulary.errors import DeliveryError, WorkspaceError
from vocabulary.source import load_sources

STAGES = (
    "output.stage_begin",
    "output.stage_read",
    "output.stage_standardise",
    "output.stage_link",
    "output.stage_timeline",
    "output.stage_indicators",
    "output.stage_flags",
    "output.stage_publish",
)
"""What a run goes through, in order."""

SUFFIXES = (".csv", ".tsv", ".parquet")
"""Of files that are read of a delivery."""


class Operations:
    """Deliveries, runs and comparisons of a workspace."""

    stages: tuple[str, ...] = STAGES

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def delivered(self, name: str) -> Delivered:
        """As of `Operating`."""
        files = held_files(self._workspace, name, hashed=True)
        return Delivered(name, tuple(files), self._sources(files), delivery_sha256(files))

    def start(self, actor: Actor, asked: Asked) -> Job:
        """As of `Operating`.

        The process inherits the lock that tells that it lives, and nothing else but the environment: it outlives this
        one, so a dashboard that is started anew shows how far it has come.
        """
        if self.delivered(asked.delivery).sha256 != asked.delivery_sha256:
            raise DeliveryError("operating.delivery_changed", delivery=asked.delivery)
        job, lock = jobs.ask(
            self._workspace,
            actor,
            approval=asked.approval,
            delivery=asked.delivery,
            delivery_sha256=asked.delivery_sha256,
            parameters=asked.parameters(),
        )
        try:
            subprocess.Popen(  # noqa: S603 - this interpreter and our own module
                [sys.executable, "-m", "mimamori.running_job", self._workspace.path, job.id, str(lock.descriptor)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(lock.descriptor,),
                start_new_session=True,
            )
        except OSError as error:
            lock.release()
            reason = Reason("operating.not_started", {"problem": type(error).__name__})
            jobs.end(self._workspace, job.id, JobStep.FAIL, reason=reason)
            raise WorkspaceError(reason.key, **reason.values) from None
        lock.hand_over()
        return job

    def compare(self, one: str, other: str, *, statistics_only: bool) -> Comparison:
        """As of `Operating`."""
        from mimamori.comparing_runs import compare

        return compare(self._workspace, one, other, statistics_only=statistics_only)

    def crate(self, run_id: str) -> bytes:
        """As of `Operating`."""
        from mimamori.crating import write_crate

        archive = BytesIO()
        with TemporaryDirectory() as folder, zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
            for path in write_crate(self._workspace, run_id, Path(folder)):
                zipped.writestr(zipfile.ZipInfo(path.name), path.read_bytes())
        return archive.getvalue()

    def _sources(self, files: list[HeldFile]) -> dict[str, str]:
        """By the name of each file that is of a source, that source: `<source>.csv`, or any in a folder `<source>`."""
        known = load_sources(self._workspace.sources_folder)
        found = {}
        for one in files:
            path = Path(one.name)
            source = path.stem.lower() if len(path.parts) == 1 else path.parts[0]
            if source in known and path.suffix.lower() in SUFFIXES:
                found[one.name] = source
        return found
