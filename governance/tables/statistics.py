"""Scorecards learnt from outcomes, and statistics that left the city hall."""

from sqlalchemy import Column, String, Table, Text

from governance.tables.metadata import metadata

score_models = Table(
    "score_models",
    metadata,
    Column("version", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("run", String(64), nullable=False),  # it was trained on
    Column("trained_by", String(128), nullable=False),
    Column("trained_at", String(32), nullable=False),  # UTC, ISO 8601
    Column("document", Text, nullable=False),  # the scorecard and its card, encrypted
    Column("approval", String(64)),  # that names it
    Column("proposed_by", String(128)),
    Column("adopted_by", String(128)),
    Column("retired_by", String(128)),
    Column("reason", Text),  # of the retirement
)

releases = Table(
    "releases",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("run", String(64), nullable=False),  # that was counted
    Column("approval", String(64)),  # under which it was made, where one was named
    Column("drafted_by", String(128), nullable=False),
    Column("drafted_at", String(32), nullable=False),  # UTC, ISO 8601
    Column("document", Text, nullable=False),  # the tables as they are published, encrypted
    Column("approved_by", String(128)),
    Column("published_at", String(32)),
    Column("withdrawn_by", String(128)),
    Column("reason", Text),  # of the withdrawal
)
