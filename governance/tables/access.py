"""Emergency access, and what others are told of."""

from sqlalchemy import Column, String, Table, Text

from governance.tables.metadata import metadata

grants = Table(
    "grants",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("account", String(64), nullable=False),
    Column("granted_at", String(32), nullable=False),  # UTC, ISO 8601
    Column("until", String(32), nullable=False),
    Column("content", Text, nullable=False),  # person and reasons, sealed
    Column("reviewed_by", String(128)),
    Column("reviewed_at", String(32)),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("about", String(128), nullable=False),  # id of a grant, or the account it tells of
    Column("raised_at", String(32), nullable=False),
    Column("day", String(10), nullable=False),
    Column("acknowledged", Text, nullable=False),  # accounts that have, as a JSON list
)
