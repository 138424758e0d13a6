"""What persons ask about the records held of them, and statistics that leave the city hall."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add their tables."""
    op.create_table(
        "subject_requests",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("received_on", sa.String(10), nullable=False),
        sa.Column("received_by", sa.String(128), nullable=False),
        sa.Column("decided_by", sa.String(128)),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "releases",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("approval", sa.String(64)),
        sa.Column("drafted_by", sa.String(128), nullable=False),
        sa.Column("drafted_at", sa.String(32), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("approved_by", sa.String(128)),
        sa.Column("published_at", sa.String(32)),
        sa.Column("withdrawn_by", sa.String(128)),
        sa.Column("reason", sa.Text),
    )
