"""Sessions, second factors, tries of signing in, and tokens of programs."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(16), nullable=False, index=True),
        sa.Column("account", sa.String(64), nullable=False, index=True),
        sa.Column("seen_at", sa.String(32), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "second_factors",
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("set_at", sa.String(32), nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
    )
    op.create_table(
        "spent_codes",
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("step", sa.Integer, nullable=False),
    )
    op.create_table(
        "known_browsers",
        sa.Column("token_sha256", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(64), nullable=False, index=True),
        sa.Column("since", sa.String(32), nullable=False),
    )
    op.create_table(
        "sign_in_tries",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "failed_sign_ins",
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("logged_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "access_tokens",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("token_sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("account", sa.String(64), nullable=False, index=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("until", sa.String(32), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
