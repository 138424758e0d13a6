"""The first tables.

A workspace made before there were migrations has all or some of them, and gets those it lacks.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables that are not there yet."""
    _log()
    _registers()
    _make(
        "reviews",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("decided_by", sa.String(128), nullable=False),
        sa.Column("decided_at", sa.String(32), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("second_by", sa.String(128)),
        sa.Column("second_verdict", sa.String(16)),
        sa.Column("second_reason", sa.Text),
        sa.Column("undone_by", sa.String(128)),
        sa.Column("undone_reason", sa.Text),
    )
    _learning()


def _make(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(name, *columns, if_not_exists=True)


def _log() -> None:
    _make(
        "log_entries",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("entry_hash", sa.String(64), nullable=False),
    )
    for column in ("kind", "subject"):
        op.create_index(f"ix_log_entries_{column}", "log_entries", [column], if_not_exists=True)
    _make(
        "log_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("entry_hash", sa.String(64), nullable=False),
        sa.Column("frontier", sa.Text, nullable=False),
    )


def _registers() -> None:
    _make(
        "approvals",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("requested_by", sa.String(128), nullable=False),
        sa.Column("confirmed_by", sa.String(128)),
        sa.Column("reason", sa.Text),
    )
    _make(
        "accounts",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.String(256)),
        sa.Column("token_hash", sa.String(64)),
        sa.Column("token_expires", sa.String(32)),
    )


def _learning() -> None:
    _make(
        "outcomes",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("run", sa.String(64)),
        sa.Column("recorded_by", sa.String(128), nullable=False),
        sa.Column("recorded_on", sa.String(10), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("ended_by", sa.String(128)),
        sa.Column("ended_reason", sa.Text),
    )
    _make(
        "score_models",
        sa.Column("version", sa.String(64), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("trained_by", sa.String(128), nullable=False),
        sa.Column("trained_at", sa.String(32), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("approval", sa.String(64)),
        sa.Column("proposed_by", sa.String(128)),
        sa.Column("adopted_by", sa.String(128)),
        sa.Column("retired_by", sa.String(128)),
        sa.Column("reason", sa.Text),
    )
