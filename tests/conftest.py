"""Settings of all tests: no property is held to a time, since machines differ. And the PostgreSQL server they share."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.postgresql import Cluster, running
from vocabulary.texts import use_language

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def language_of_the_locale():
    """What one test sets as the language is not that of the next."""
    yield
    use_language(None)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A PostgreSQL server, started when the first test asks for it."""
    with running() as cluster:
        yield cluster
