"""Who is signed in, by what a second factor is checked, and how often it was tried.

Of what a browser or a program shows as its token only the SHA-256 stands here. What says whose a session is lies
sealed, so that a row written by hand lets nobody in.
"""

from sqlalchemy import Column, Integer, String, Table, Text

from governance.tables.metadata import metadata

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("id", String(16), nullable=False, index=True),  # by which its owner names it
    Column("account", String(64), nullable=False, index=True),
    Column("seen_at", String(32), nullable=False),  # UTC, ISO 8601
    Column("content", Text, nullable=False),  # account, stage, beginning and what it is bound to, encrypted
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("set_at", String(32), nullable=False),  # UTC, ISO 8601
    Column("secret", Text, nullable=False),  # of the codes, encrypted
)

spent_codes = Table(
    "spent_codes",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("step", Integer, nullable=False),  # of the last code that was taken; no earlier one is taken any more
)

known_browsers = Table(
    "known_browsers",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("account", String(64), nullable=False, index=True),  # which signed in with it
    Column("since", String(32), nullable=False),  # UTC, ISO 8601
)

sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    Column("key", String(64), primary_key=True),  # SHA-256 of an account, an address, both, or a browser
    Column("failures", Integer, nullable=False),
    Column("last_at", String(32), nullable=False),  # UTC, ISO 8601
)

failed_sign_ins = Table(
    "failed_sign_ins",
    metadata,
    Column("account", String(64), primary_key=True),  # empty for names that no account has
    Column("failures", Integer, nullable=False),  # that the log does not tell of yet
    Column("logged_at", String(32), nullable=False),  # UTC, ISO 8601
)

access_tokens = Table(
    "access_tokens",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("account", String(64), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("until", String(32), nullable=False),  # UTC, ISO 8601
    Column("content", Text, nullable=False),  # what it is called and may do, and what it is bound to, encrypted
)
