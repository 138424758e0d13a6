"""What people decided of links, found of children, and asked for; kept sealed where it tells of a child."""

from sqlalchemy import Column, String, Table, Text

from governance.tables.metadata import metadata

reviews = Table(
    "reviews",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("run", String(64), nullable=False),  # in which the two records were shown
    Column("decided_by", String(128), nullable=False),
    Column("decided_at", String(32), nullable=False),  # UTC, ISO 8601
    Column("content", Text, nullable=False),  # the two records and the reason, encrypted
    Column("second_by", String(128)),
    Column("second_verdict", String(16)),
    Column("second_reason", Text),  # encrypted
    Column("undone_by", String(128)),
    Column("undone_reason", Text),  # encrypted
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("run", String(64)),  # whose list the child was looked at from; null where it was found elsewhere
    Column("recorded_by", String(128), nullable=False),
    Column("recorded_on", String(10), nullable=False),  # ISO 8601
    Column("content", Text, nullable=False),  # person id and year, encrypted
    Column("subject_key", String(64), index=True),  # keyed hash of both; null where it was recorded before this column
    Column("reason", Text),  # encrypted
    Column("ended_by", String(128)),  # who replaced or withdrew it
    Column("ended_reason", Text),  # encrypted
)

subject_requests = Table(
    "subject_requests",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("received_on", String(10), nullable=False),  # ISO 8601
    Column("received_by", String(128), nullable=False),
    Column("decided_by", String(128)),
    Column("content", Text, nullable=False),  # what is asked for and why, encrypted
)
