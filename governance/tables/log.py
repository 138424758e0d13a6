"""The run log: its entries, and where it ends."""

from sqlalchemy import Column, Integer, String, Table, Text

from governance.tables.metadata import metadata

log_entries = Table(
    "log_entries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 … without gaps
    Column("at", String(32), nullable=False),  # UTC, ISO 8601 with microseconds
    Column("actor", String(128), nullable=False),
    Column("kind", String(32), nullable=False, index=True),
    Column("subject", String(128), nullable=False, index=True),  # id of the approval, run or account it is about
    Column("body", Text, nullable=False),  # canonical JSON
    Column("salt", String(64), nullable=False),  # random, of the commitment that stands for actor, subject and body
    Column("previous_hash", String(64), nullable=False),
    Column("entry_hash", String(64), nullable=False),
)

log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # the one row is 1
    Column("size", Integer, nullable=False),
    Column("entry_hash", String(64), nullable=False),
    Column("frontier", Text, nullable=False),  # of the Merkle tree, hexadecimal, separated by spaces
)
