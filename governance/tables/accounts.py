"""Who may use the system."""

from sqlalchemy import Column, String, Table, Text

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
    Column("schools", Text),  # codes of the schools it may see, as a JSON list
    Column("wanted_role", String(32)),  # asked for by `wanted_by`, and given once another confirms
    Column("wanted_by", String(128)),
)
