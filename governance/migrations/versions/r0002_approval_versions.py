"""Versions and countersignatures of approvals, lists of a population, and who answers for a source."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Lengthen the id of an approval, and add what is new."""
    with op.batch_alter_table("approvals") as table:
        table.alter_column("id", existing_type=sa.String(64), type_=sa.String(80), existing_nullable=False)
        table.add_column(sa.Column("countersigned", sa.Text))
    op.create_table(
        "population_lists",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "data_owners",
        sa.Column("source", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(64), nullable=False),
    )
