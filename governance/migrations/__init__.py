"""Brings a database's tables from what an earlier program made to what this one uses, by Alembic.

Each file in `versions/` is one step; a database holds in `alembic_version` which was the last. How a step is added:
docs/database.md.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from vocabulary.errors import WorkspaceError


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Take the steps up to `revision` within the caller's transaction, so that all of them are taken or none.

    Raises
    ------
    WorkspaceError
        A later program has brought the database further than this one knows.
    """
    config = configuration()
    held = MigrationContext.configure(connection).get_current_revision()
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if held is not None and held not in known:
        raise WorkspaceError("workspace.schema_newer", schema=held)
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def configuration() -> Config:
    """Where Alembic finds the steps."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
