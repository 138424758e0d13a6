"""What the team did with each child it looked at: one row a step, which holds the whole case as it stood after it."""

from sqlalchemy import Column, Integer, String, Table, Text

from governance.tables.metadata import metadata

case_steps = Table(
    "case_steps",
    metadata,
    Column("id", String(32), primary_key=True),  # the case, a hyphen, the version
    Column("case_id", String(16), nullable=False, index=True),
    Column("version", Integer, nullable=False),  # 1, 2, 3 … without gaps
    Column("step", String(16)),  # null: the case was opened
    Column("state", String(16), nullable=False),
    Column("assigned_to", String(128)),
    Column("assessment", String(16)),
    Column("due", String(10)),  # when to look again, ISO 8601
    Column("run", String(64)),  # whose flags the case was opened from; null where it was reported otherwise
    Column("outcome", String(16)),  # id of the outcome that the assessment was recorded as
    Column("actor", String(128), nullable=False),
    Column("at", String(32), nullable=False),  # UTC, ISO 8601
    Column("opened_at", String(32), nullable=False),
    Column("person_key", String(64), index=True),  # keyed hash of the person id
    Column("subject", Text),  # person id, year, kinds and rank, encrypted
    Column("content", Text),  # what was written at this step, encrypted
)
