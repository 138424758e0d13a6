"""Outcomes are found by a keyed hash of their child and year; rows of before have none and are opened as before."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the hash and its index."""
    op.add_column("outcomes", sa.Column("subject_key", sa.String(64)))
    op.create_index("ix_outcomes_subject_key", "outcomes", ["subject_key"])
