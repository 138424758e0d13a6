"""Who may use the system."""

from sqlalchemy import Column, String, Table

from governance.tables.metadata import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("role", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("password_hash", String(256)),
    Column("token_hash", String(64)),
    Column("token_expires", String(32)),  # UTC, ISO 8601
)
