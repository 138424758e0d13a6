"""Times as pages tell them: local, to the minute."""

from datetime import UTC, date, datetime, time, timedelta


def local_time(at: str) -> str:
    """A time of the log (UTC, ISO 8601) as it is told here, to the minute."""
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M}"


def local_day(at: str) -> date:
    """The day here of a time of the log."""
    return datetime.fromisoformat(at).astimezone().date()


def begin_of(day: date) -> str:
    """The first moment of a day here, as entries of the log have times."""
    return datetime.combine(day, time()).astimezone().astimezone(UTC).isoformat(timespec="microseconds")


def end_of(day: date) -> str:
    """The first moment after a day here, as entries of the log have times."""
    return begin_of(day + timedelta(days=1))
