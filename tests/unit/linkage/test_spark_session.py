"""Without pyspark or Java, `--engine spark` is one line and exit code 2; what is kept closed stays closed."""

import pytest

from linkage.spark import session
from vocabulary.errors import UsageError


def test_without_pyspark_nothing_starts(monkeypatch):
    monkeypatch.setattr(session, "find_spec", lambda name: None)
    with pytest.raises(UsageError) as raised, session.open_spark():
        pass
    assert raised.value.key == "engine.no_pyspark"
    assert raised.value.exit_code == 2


@pytest.mark.parametrize("home", [None, "empty"])
def test_without_java_nothing_starts(monkeypatch, tmp_path, home):
    monkeypatch.setenv("PATH", str(tmp_path))
    if home is None:
        monkeypatch.delenv("JAVA_HOME", raising=False)
    else:
        monkeypatch.setenv("JAVA_HOME", str(tmp_path / home))
    with pytest.raises(UsageError) as raised, session.open_spark():
        pass
    assert raised.value.key == "engine.no_java"


def test_names_are_encrypted_on_disk_and_on_the_wire_and_shown_on_no_page():
    assert session.CLOSED["spark.io.encryption.enabled"] == "true"
    assert session.CLOSED["spark.network.crypto.enabled"] == "true"
    assert session.CLOSED["spark.ui.enabled"] == "false"
