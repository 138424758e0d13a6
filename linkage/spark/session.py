"""A Spark session for linkage: found through Spark's own settings, closed where names could be written or seen.

Which cluster, with how much memory, is said as for any Spark program: `spark-defaults.conf` in `SPARK_CONF_DIR`, and
the environment (`SPARK_LOCAL_DIRS`, `PYSPARK_PYTHON`, `JAVA_HOME`). Without any, Spark runs in this process.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from linkage.spark.connection import SparkConnection
from linkage.spark.distances import register_distances
from vocabulary.errors import UsageError

CLOSED: dict[str, bool | float | int | str | None] = {
    "spark.io.encryption.enabled": "true",  # what is shuffled, kept or spilled to a disk
    "spark.authenticate": "true",  # and nobody else's program takes part or listens in
    "spark.network.crypto.enabled": "true",
    "spark.ui.enabled": "false",  # its pages show what is being computed to anyone who reaches the port
    "spark.eventLog.enabled": "false",
    "spark.sql.warehouse.dir": "/nonexistent",  # no table is ever saved
    "spark.driver.defaultJavaOptions": f"-Dlog4j2.configurationFile={files('linkage.spark') / 'log4j2.properties'}",
}
"""Settings that go before any other, so that no name is left on a disk, on a page or in a log."""

NEEDED: dict[str, bool | float | int | str | None] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.showConsoleProgress": "false",
}
"""Settings on which the results, or a clean console, depend."""


@contextmanager
def open_spark() -> Iterator[SparkConnection]:
    """A connection to Spark, closed at the end.

    Raises
    ------
    UsageError
        pyspark or Java is not there, or Spark does not start.
    """
    if find_spec("pyspark") is None:
        raise UsageError("engine.no_pyspark")
    if not _java():
        raise UsageError("engine.no_java")
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        session = SparkSession.builder.appName("mimamori").config(map=CLOSED | NEEDED).getOrCreate()
    except PySparkException as error:
        raise UsageError("engine.not_started", condition=error.getCondition() or type(error).__name__) from None
    if session.sparkContext.master.startswith("local"):  # Spark's own 200 parts are meant for a cluster
        session.conf.set("spark.sql.shuffle.partitions", 2 * session.sparkContext.defaultParallelism)
    try:
        register_distances(session)
        yield SparkConnection(session)
    finally:
        session.stop()


def _java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return (Path(home) / "bin" / "java").is_file() if home else shutil.which("java") is not None
