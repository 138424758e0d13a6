"""A workspace with an approval in force, and a short way to publish a run in it."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import select

from governance import gate, register, store, tables
from governance.custody import DataClass
from governance.manifest import Input
from governance.staging import stage
from governance.workspace import Workspace
from tests.postgresql import Cluster
from vocabulary.source import load_sources

APPROVAL = """\
id = "2026-03"
title = "子どもの貧困対策のための情報連携"
authority = "個人情報保護審議会"
legal_basis = "個人情報保護法第69条第2項第2号"
decided_on = 2026-03-12
valid_from = 2026-04-01
valid_until = 2027-03-31
purpose = "early support for children in hardship"
max_runs = 4
retention_days = 1825
extract_retention_days = 90
recipients = ["support_team", "school"]
[sources]
welfare = ["public_assistance", "tax_exempt"]
school = ["*"]
"""

DAY = date(2026, 6, 1)
FRAME = pl.DataFrame({"person_id": ["p1", "p2", None], "value": [1.5, None, 3.0], "day": [DAY, None, DAY]})


sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For tests of the file, or of what the program does whatever the database."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """URL of an empty database with today's schema; None for the workspace's own file."""
    if request.param == "sqlite":
        yield None
        return
    with request.getfixturevalue("postgresql").database(request.getfixturevalue("template")) as url:
        yield url


@pytest.fixture(scope="session")
def template(postgresql: Cluster) -> Iterator[str]:
    """Name of a database with today's schema, which the databases of the tests are copies of: that is quicker."""
    with postgresql.database() as url:
        engine = store.open_engine(url)
        store.create_tables(engine)
        engine.dispose()
        yield str(engine.url.database)


@pytest.fixture
def workspace(tmp_path: Path, database: str | None, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    monkeypatch.setenv("MIMAMORI_LANG", "en")
    return new_workspace(tmp_path / "workspace", database)


def new_workspace(folder: Path, database: str | None, settings: str = "") -> Workspace:
    """A workspace whose settings name the database where one is given."""
    folder.mkdir()
    named = "" if database is None else f'database = "{database}"\n'
    if named or settings:
        (folder / "mimamori.toml").write_text(named + settings)
    return Workspace.create(folder, actor="os:operator")


def by_hand(workspace: Workspace, *statements: str) -> None:
    """Run SQL on the database as somebody would who administers it."""
    with workspace.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def stored_bytes(workspace: Workspace) -> bytes:
    """All that the database holds: the bytes of the SQLite files, and every row of every table."""
    files = b"".join(path.read_bytes() for path in sorted(workspace.path.glob("mimamori.db*")))
    with workspace.reading() as connection:
        rows = [tuple(row) for table in tables.metadata.sorted_tables for row in connection.execute(select(table))]
    return files + repr(rows).encode()


@pytest.fixture
def approved(workspace: Workspace) -> Workspace:
    register.add(workspace, APPROVAL, file="a.toml", sources=load_sources(), actor="os:operator")
    return workspace


@pytest.fixture
def publish() -> Callable[[Workspace], str]:
    """A function that publishes a small run and gives its id."""

    def make(workspace: Workspace) -> str:
        grant = gate.admit(workspace, "2026-03", today=DAY, delivered=["school", "health"], actor="os:operator")
        with stage(workspace, grant, actor="os:operator") as run:
            run.write_frame("flags", FRAME, DataClass.PSEUDONYMOUS)
            run.write_frame("links", FRAME, DataClass.IDENTITIES)
            run.write_document("counts", {"children": 2}, DataClass.STATISTICS)
            run.publish(
                inputs=[
                    Input(name="school.csv", source="school", sha256="0" * 64, delivered=3, accepted=2, set_aside=1)
                ],
                parameters={"min_link_confidence": 0.9},
                counts={"ingest": {"delivered": 3, "accepted": 2, "set_aside": 1}},
                seeds={"em": 1},
            )
        return run.run_id

    return make
