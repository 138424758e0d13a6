"""The time by which sessions, codes and limits of tries end."""

from datetime import UTC, datetime


def now() -> datetime:
    """The machine's clock, UTC."""
    return datetime.now(UTC)
