"""Nothing that Spark writes to a disk holds a name in plain text; with its encryption off, it would."""

import os
import time
from pathlib import Path
from threading import Event, Thread

import pytest
from pyspark import StorageLevel

from linkage.profiles import build_profiles
from linkage.spark import session
from linkage.stages import profiles_on
from tests.unit.linkage.people import records

pytestmark = pytest.mark.slow

NAME = "検査太郎".encode()
UNCOMPRESSED = ("spark.shuffle.compress", "spark.shuffle.spill.compress", "spark.rdd.compress")
PEOPLE = [{"local_id": f"S{number}", "given": NAME.decode()} for number in range(200)]


def files_with_the_name(folder: Path, stop: Event, found: dict[str, bool]) -> None:
    """Look again and again, because Spark deletes what it no longer needs."""
    while not stop.is_set():
        for path in (Path(held, name) for held, _, names in os.walk(folder) for name in names):
            try:
                holds = NAME in path.read_bytes()
            except FileNotFoundError:
                continue
            found[path.name] = found.get(path.name, False) or holds
        time.sleep(0.02)


@pytest.mark.parametrize("encrypted", [True, False])
def test_a_name_is_readable_on_disk_only_without_encryption(monkeypatch, tmp_path, encrypted):
    monkeypatch.delenv("SPARK_LOCAL_DIRS", raising=False)
    for key in UNCOMPRESSED:
        monkeypatch.setitem(session.NEEDED, key, "false")
    monkeypatch.setitem(session.NEEDED, "spark.local.dir", str(tmp_path))
    if not encrypted:
        monkeypatch.setitem(session.CLOSED, "spark.io.encryption.enabled", "false")
    people, found, stop = records(*PEOPLE), {}, Event()
    watch = Thread(target=files_with_the_name, args=(tmp_path, stop, found))
    watch.start()
    try:
        with session.open_spark() as spark:
            assert profiles_on(spark, people).profiles.equals(build_profiles(people).profiles)
            spark.register("people", people)
            kept = spark.sql("SELECT * FROM people").rows.persist(StorageLevel.DISK_ONLY)
            assert kept.count() == len(PEOPLE)
            time.sleep(0.5)
    finally:
        stop.set()
        watch.join()
    assert len(found) > 3
    assert any(found.values()) is not encrypted
