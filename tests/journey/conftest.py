"""One small city and one run of it, made once by the installed command and shared; what alters it takes a copy."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from vocabulary.source import load_sources
from vocabulary.texts import catalogue

COMMAND = Path(sys.executable).parent / "mimamori"
CHILDREN = 320

APPROVAL = """\
id = "{id}"
title = "子どもの貧困対策のための情報連携"
authority = "個人情報保護審議会"
legal_basis = "個人情報保護法第69条第2項第2号"
decided_on = {valid_from}
valid_from = {valid_from}
valid_until = {valid_until}
purpose = "early support for children in hardship"
{limit}retention_days = 1825
extract_retention_days = 90
recipients = ["support_team", "school"]
[sources]
{sources}
"""

ALL_SOURCES = 'welfare = ["*"]\nschool = ["*"]\nhealth = ["*"]'


def environment(language="en", **more):
    """The environment of a user of this language, without settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIMAMORI_")}
    return kept | {"MIMAMORI_LANG": language} | more


def mimamori(*arguments, language="en", **options):
    """Run the installed command to its end."""
    variables = environment(language, **options.pop("variables", {}))
    return subprocess.run(
        [*options.pop("before", []), COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=variables,
        timeout=300,
        check=False,
        **options,
    )


def refused(done, code=1):
    """The one line with which the command refused."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if not STAGES.fullmatch(line)]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


STAGES = re.compile(
    "|".join(
        re.escape(said).replace(r"\{run\}", r"\S+")
        for key, said_in in catalogue().items()
        if key.startswith("output.stage_")
        for said in said_in.values()
    )
)
"""What the command says of the work under way."""


def write_approval(folder, approval_id, *, begin=-30, end=300, limit=None, sources=ALL_SOURCES):
    """An approval file whose period is given in days from today."""
    today = date.today()
    file = folder / f"{approval_id}.toml"
    file.write_text(
        APPROVAL.format(
            id=approval_id,
            valid_from=today + timedelta(days=begin),
            valid_until=today + timedelta(days=end),
            limit="" if limit is None else f"max_runs = {limit}\n",
            sources=sources,
        ),
        encoding="utf-8",
    )
    return file


def new_workspace(folder, *approvals):
    """A workspace in `folder` with these approvals registered."""
    assert mimamori("init", "--workspace", folder).returncode == 0
    for file in approvals:
        added = mimamori("approvals", "add", file, "--workspace", folder)
        assert added.returncode == 0, added.stderr
    return folder


def read_text(file):
    """A delivered file under our headers, every value as text; departments write UTF-8 or CP932, comma or tab."""
    data = file.read_bytes()
    try:
        decoded = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        decoded = data.decode("cp932")
    separator = "\t" if "\t" in decoded.splitlines()[0] else ","
    frame = pl.read_csv(decoded.encode(), infer_schema=False, separator=separator)
    ours = {header: column for column, headers in load_sources()[file.stem].headers().items() for header in headers}
    return frame.rename(ours, strict=False)


@dataclass(frozen=True)
class Ran:
    """A workspace with one run, and what its command printed."""

    workspace: Path
    run: str
    stdout: str
    stderr: str


@pytest.fixture(scope="session")
def city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    made = mimamori("synth", folder / "out", "--children", CHILDREN, "--seed", 11, "--years", "2018-2025")
    assert made.returncode == 0, made.stderr
    return folder / "out"


@pytest.fixture(scope="session")
def ran(city, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ran")
    workspace = new_workspace(
        folder / "workspace", write_approval(folder, "one-run", limit=1), write_approval(folder, "2026-03")
    )
    done = mimamori("run", "--approval", "one-run", "--delivery", city / "delivery", "--workspace", workspace)
    assert done.returncode == 0, done.stderr
    return Ran(workspace, done.stdout.splitlines()[-1], done.stdout, done.stderr)


@pytest.fixture
def copy(ran, tmp_path):
    """The shared run in a workspace that may be altered."""
    shutil.copytree(ran.workspace, tmp_path / "workspace")
    return Ran(tmp_path / "workspace", ran.run, ran.stdout, ran.stderr)
