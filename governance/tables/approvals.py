"""What a council decided, the lists it named, and who answers for which source."""

from sqlalchemy import Column, String, Table, Text

from governance.tables.metadata import metadata

approvals = Table(
    "approvals",
    metadata,
    Column("id", String(80), primary_key=True),  # of a later version: the approval's id, a slash, and its number
    Column("state", String(16), nullable=False),
    Column("text", Text, nullable=False),  # the approval file as registered
    Column("requested_by", String(128), nullable=False),
    Column("confirmed_by", String(128)),
    Column("reason", Text),  # of the revocation
    Column("countersigned", Text),  # JSON: source and the account that countersigned for it
)

population_lists = Table(
    "population_lists",
    metadata,
    Column("sha256", String(64), primary_key=True),  # of the file, as the approval names it
    Column("content", Text, nullable=False),  # the file, encrypted
)

data_owners = Table(
    "data_owners",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("account", String(64), nullable=False),  # which answers for the source
)
