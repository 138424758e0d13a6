"""A Spark session for linkage: found through Spark's own settings, closed where names could be written or seen.

Which cluster, with how much memory, is said as for any Spark program: `spark-defaults.conf` in `SPARK_CONF_DIR`, and
the environment (`SPARK_LOCAL_DIRS`, `PYSPARK_PYTHON`, `JAVA_HOME`). Without any, Spark runs in this process.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from linkage.spark.connection import SparkConnection
from linkage.spark.distances import register_distances
from vocabulary.errors import MimamoriError, UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CLOSED: dict[str, bool | float | int | str | None] = {
    "spark.io.encryption.enabled": "true",  # what is shuffled, kept or spilled to a disk
    "spark.authenticate": "true",  # and nobody else's program takes part or listens in
    "spark.network.crypto.enabled": "true",
    "spark.ui.enabled": "false",  # its pages show what is being computed to anyone who reaches the port
    "spark.eventLog.enabled": "false",
    "spark.sql.warehouse.dir": "/nonexistent",  # no table is ever saved
    "spark.driver.defaultJavaOptions": f"-Dlog4j2.configurationFile={Path(__file__).parent / 'log4j2.properties'}",
}
"""Settings that go before any other, so that no name is left on a disk, on a page or in a log."""

NEEDED: dict[str, bool | float | int | str | None] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.showConsoleProgress": "false",
}
"""Settings on which the results, or a clean console, depend."""


def require_spark() -> None:
    """See that Spark can be started.

    Raises
    ------
    UsageError
        pyspark or Java is not there.
    """
    if find_spec("pyspark") is None:
        raise UsageError("engine.no_pyspark")
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=str(Path(home) / "bin") if home else None) is None:
        raise UsageError("engine.no_java")


@contextmanager
def open_spark() -> Iterator[SparkConnection]:
    """A connection to Spark, closed at the end.

    Raises
    ------
    UsageError
        pyspark or Java is not there, or Spark does not start.
    MimamoriError
        Spark failed at what it was asked. Its own message is left out: it can hold values of the rows it is about.
    """
    require_spark()
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        with _without_stderr():
            session = _start()
    except (PySparkException, Py4JError) as error:
        raise UsageError("engine.not_started", condition=_condition(error)) from None
    try:
        register_distances(session)
        yield SparkConnection(session)
    except (PySparkException, Py4JError) as error:
        raise MimamoriError("engine.stopped", condition=_condition(error)) from None
    finally:
        session.stop()


@contextmanager
def _without_stderr() -> Iterator[None]:
    """Start processes without a standard error: what Spark's write there is no line of ours and can hold values."""
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


def _start() -> "SparkSession":
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = SparkSession.builder.appName("mimamori").config(map=CLOSED | NEEDED).getOrCreate()
    if session.sparkContext.master.startswith("local"):  # Spark's own 200 parts are meant for a cluster
        session.conf.set("spark.sql.shuffle.partitions", 2 * session.sparkContext.defaultParallelism)
    return session


def _condition(error: Exception) -> str:
    """Name of what went wrong, without the values it went wrong with."""
    condition = getattr(error, "getCondition", lambda: None)()
    return condition or type(error).__name__
