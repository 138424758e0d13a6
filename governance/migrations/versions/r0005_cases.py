"""What the team does with the children it looks at."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table of steps."""
    op.create_table(
        "case_steps",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("case_id", sa.String(16), nullable=False, index=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("step", sa.String(16)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("assigned_to", sa.String(128)),
        sa.Column("assessment", sa.String(16)),
        sa.Column("due", sa.String(10)),
        sa.Column("run", sa.String(64)),
        sa.Column("outcome", sa.String(16)),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("opened_at", sa.String(32), nullable=False),
        sa.Column("person_key", sa.String(64), index=True),
        sa.Column("subject", sa.Text),
        sa.Column("content", sa.Text),
    )
