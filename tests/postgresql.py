"""A PostgreSQL server for the tests: a cluster of its own in a temporary folder, reached by a socket, on no port."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

OWNER = "postgres"
"""The server refuses to run as root; there it runs as this user, whom its Debian package makes."""

SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
shared_buffers = 16MB
max_connections = 40
fsync = off
full_page_writes = off
"""  # without fsync: what is tested are dying processes, not a machine that loses power


class Cluster:
    """A running server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs as the server's user."""
        as_user = {"user": OWNER, "group": OWNER, "extra_groups": []} if os.getuid() == 0 else {}
        log = (self.folder / "programs.log").open("a")
        with log:
            command = [_binaries() / program, *arguments]
            done = subprocess.run(command, cwd=self.folder, stdout=log, stderr=log, check=False, **as_user)
        assert done.returncode == 0, (self.folder / "programs.log").read_text()

    def start(self) -> None:
        self.run("pg_ctl", "start", "-w", "-D", "data", "-l", "server.log")

    def stop(self, mode: str = "fast") -> None:
        """Stop it; by `immediate` as if it was killed."""
        self.run("pg_ctl", "stop", "-w", "-D", "data", "-m", mode)

    def url(self, name: str) -> str:
        """What a city writes as `database` in mimamori.toml."""
        return f"postgresql://mimamori@/{name}?host={self.folder}"

    def execute(self, statement: str) -> list[tuple]:
        """Run a statement as the server's administrator."""
        where = {"host": str(self.folder), "user": "mimamori", "dbname": "postgres"}
        with psycopg.connect(**where, autocommit=True) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """A new database, a copy of `template`, and its URL; dropped in the end, whoever still uses it."""
        name = f"test_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def running() -> Iterator[Cluster]:
    """A new cluster, removed in the end. Its texts are sorted as in Japanese, not by their bytes."""
    folder = Path(tempfile.mkdtemp(prefix="mimamori-pg-"))  # short: the path of a socket has at most 107 bytes
    if os.getuid() == 0:
        shutil.chown(folder, OWNER, OWNER)
    cluster = Cluster(folder)
    try:
        locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=ja"]
        cluster.run("initdb", "-D", "data", "-U", "mimamori", "--auth=trust", "--no-sync", *locale)
        with (folder / "data" / "postgresql.conf").open("a") as file:
            file.write(SETTINGS.format(folder=folder))
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop("immediate")
    finally:
        shutil.rmtree(folder)


def _binaries() -> Path:
    """Folder of the newest server's programs, which Debian does not put on the path."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = installed[-1] if installed else shutil.which("initdb")
    assert found is not None, "PostgreSQL is not installed: run `scripts/install tests`"
    return Path(found).parent
