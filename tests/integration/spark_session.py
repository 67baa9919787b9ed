"""Where the tests find Spark: one local session of their own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from required import missing

_SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "4g",
    # a run is short: compiling for speed later costs more than it gives
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.log.level": "OFF",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    # what it remembers of past queries, even without its pages, filled the heap of a long run
    "spark.sql.ui.retainedExecutions": "5",
    "spark.ui.retainedJobs": "5",
    "spark.ui.retainedStages": "5",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # expressions over tables made here run as they do over files: compiled, not in the optimizer
    "spark.sql.optimizer.excludedRules": (
        "org.apache.spark.sql.catalyst.optimizer.ConvertToLocalRelation"
    ),
}


@contextmanager
def started(folder: Path) -> Iterator[Any]:
    """Yield a session whose files lie in ``folder``; its tables are views and end with it."""
    home = os.environ.get("JAVA_HOME")
    if not shutil.which(Path(home, "bin", "java") if home else "java"):
        missing("spark", "no Java here: apt-get install openjdk-17-jre-headless")
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        missing("spark", "pyspark is not installed: pip install 'featurekit[test]'")
    places = {
        "spark.jars.ivy": str(folder / "ivy"),
        "spark.local.dir": str(folder / "local"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    builder = SparkSession.builder.master("local[2]").appName("featurekit tests")
    session = builder.config(map={**_SETTINGS, **places}).getOrCreate()
    yield session
    session.stop()
