"""Runs that were asked for from a page, and how far each has come."""

from sqlalchemy import Column, Integer, String, Table, Text

from governance.tables.metadata import metadata

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("approval", String(80), nullable=False),
    Column("delivery", String(255), nullable=False),  # name of its folder below the folder of deliveries
    Column("delivery_sha256", String(64), nullable=False),  # of its files as they were looked at
    Column("parameters", Text, nullable=False),  # JSON
    Column("asked_by", String(128), nullable=False),
    Column("asked_at", String(32), nullable=False),  # UTC, ISO 8601
    Column("began_at", String(32)),
    Column("ended_at", String(32)),
    Column("stop_asked_by", String(128)),
    Column("run", String(64)),  # that was published
    Column("reason", Text),  # JSON: why it failed, as the key of a text and its values
)

job_stages = Table(
    "job_stages",
    metadata,
    Column("job", String(16), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 … in the order they began
    Column("stage", String(64), nullable=False),  # key of its text
    Column("began_at", String(32), nullable=False),
    Column("run", String(64)),  # being made
)
