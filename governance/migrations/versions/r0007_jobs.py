"""Runs that were asked for from a page, and how far each has come."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the tables of jobs and of their stages."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("approval", sa.String(80), nullable=False),
        sa.Column("delivery", sa.String(255), nullable=False),
        sa.Column("delivery_sha256", sa.String(64), nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("asked_by", sa.String(128), nullable=False),
        sa.Column("asked_at", sa.String(32), nullable=False),
        sa.Column("began_at", sa.String(32)),
        sa.Column("ended_at", sa.String(32)),
        sa.Column("stop_asked_by", sa.String(128)),
        sa.Column("run", sa.String(64)),
        sa.Column("reason", sa.Text),
    )
    op.create_table(
        "job_stages",
        sa.Column("job", sa.String(16), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("stage", sa.String(64), nullable=False),
        sa.Column("began_at", sa.String(32), nullable=False),
        sa.Column("run", sa.String(64)),
    )
