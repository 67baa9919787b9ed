"""Which functions and methods of polars a cell may call, and what to say about the best known rest.

Only calls named here are made, so a cell cannot reach a function that takes code or touches a file.
"""

from __future__ import annotations

FUNCTIONS = frozenset(
    """
    col lit when len coalesce concat_str arctan2 corr cov date datetime duration
    max_horizontal min_horizontal sum_horizontal any_horizontal all_horizontal
    sum mean min max median std var n_unique count first last quantile any all
    """.split()  # noqa: SIM905  a block of words is easier to keep in order
)
TYPES = frozenset(
    """
    Boolean Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64 Float32 Float64 String Utf8
    Date Datetime Decimal
    """.split()  # noqa: SIM905  a list of words reads better than quoted ones
)
METHODS = frozenset(
    """
    alias cast filter over rolling drop_nulls drop_nans
    sum mean min max nan_max nan_min std var median quantile count len n_unique first last any all
    null_count max_by min_by rolling_sum_by rolling_mean_by rolling_min_by rolling_max_by
    rolling_std_by rolling_var_by rolling_median_by rolling_quantile_by
    abs sign sqrt log log10 log1p exp sin cos tan floor ceil round clip pow
    fill_null fill_nan is_null is_not_null is_nan is_not_nan is_finite is_infinite is_between is_in
    not_ and_ or_ xor eq ne lt le gt ge eq_missing ne_missing
    add sub mul truediv floordiv mod neg
    str.len_chars str.contains str.starts_with str.ends_with str.slice str.head str.tail
    str.strip_chars str.strip_chars_start str.strip_chars_end str.replace_all str.extract
    str.pad_start str.pad_end
    str.to_uppercase str.to_lowercase str.reverse str.replace str.to_integer
    dt.year dt.quarter dt.month dt.week dt.iso_year dt.day dt.weekday dt.ordinal_day dt.hour
    dt.minute dt.second dt.date dt.truncate dt.offset_by dt.timestamp dt.epoch
    dt.convert_time_zone dt.total_days dt.total_hours dt.total_minutes dt.total_seconds
    dt.total_microseconds
    """.split()  # noqa: SIM905  a list of words reads better than quoted ones
)
OPAQUE = frozenset({"map_elements", "map_batches", "apply", "map", "pipe", "map_groups", "reduce"})

_ORDER = "the rows of a window have no numbers that stay the same from one moment to the next"
_ROWS = "a window counts rows by a name of its own"
_LIST = "a feature is one value, not a list"
REFUSED: dict[str, tuple[str, str]] = {
    "shift": ("it takes the value of another row", '.drop_nulls().last().over("last_2_rows")'),
    "diff": ("it takes the value of another row", "subtract two aggregates over two windows"),
    "pct_change": ("it takes the value of another row", "divide two aggregates over two windows"),
    **dict.fromkeys(
        ("cum_sum", "cum_count", "cum_max", "cum_min", "cum_prod"),
        ("it answers for each row of the table", '.sum().over("all_time")'),
    ),
    **dict.fromkeys(
        ("rolling_sum", "rolling_mean", "rolling_min", "rolling_max", "rolling_std"),
        (_ROWS, '.sum().over("last_20_rows")'),
    ),
    **dict.fromkeys(
        ("head", "tail", "limit", "slice", "gather", "get", "gather_every"),
        (_ORDER, '.sum().over("last_20_rows")'),
    ),
    **dict.fromkeys(("sort", "sort_by", "top_k", "rank", "reverse"), (_ORDER, ".max_by(...)")),
    **dict.fromkeys(("implode", "unique", "mode", "explode"), (_LIST, ".n_unique()")),
    "sample": ("it has another value each time", "fk.hash_bucket(pl.col(...), 10, 0)"),
    "shuffle": ("it has another value each time", "fk.hash_bucket(pl.col(...), 10, 0)"),
    "hash": ("its values change with the version of polars", "fk.hash_bucket(pl.col(...), 10, 0)"),
    "replace": ("it is a table of cases", "pl.when(...).then(...).otherwise(...)"),
    "replace_strict": ("it is a table of cases", "pl.when(...).then(...).otherwise(...)"),
    "cut": ("it names its buckets by text", "fk.bucketize(pl.col(...), 10.0, 100.0)"),
    "product": ("the language has no product of rows", 'pl.col(...).log().sum().over("last_30d")'),
    "entropy": ("polars takes the column as weights", 'fk.entropy(pl.col(...)).over("last_30d")'),
    "dt.replace_time_zone": ("instants are kept in UTC", "%source ... --zone Europe/London"),
    "dt.strftime": ("formats differ from engine to engine", "dt.year(), dt.month(), ..."),
    "dt.to_string": ("formats differ from engine to engine", "dt.year(), dt.month(), ..."),
    "dt.round": ("halves go different ways", 'dt.truncate("1h")'),
    "dt.millisecond": ("a row's parts go down to the second", "dt.timestamp() % 1000000"),
    "str.to_date": ("formats differ from engine to engine", "fk.cast(pl.col(...), 'DATE')"),
    "str.to_datetime": (
        "formats differ from engine to engine",
        "fk.cast(pl.col(...), 'TIMESTAMP')",
    ),
    "str.strptime": ("formats differ from engine to engine", "fk.cast(pl.col(...), 'DATE')"),
    "str.len_bytes": ("it depends on how text is stored", ".str.len_chars()"),
    "str.split": (_LIST, "fk.split_part(pl.col(...), '-', 1)"),
    "str.find": ("it counts bytes from 0", "fk.position(pl.col(...), 'part')"),
    "str.to_titlecase": ("where words begin differs from engine to engine", "fk.lower(...)"),
    "str.strip_prefix": ("the language has no such function", ".str.slice(n)"),
    "str.zfill": ("it knows signs", '.str.pad_start(5, "0")'),
}
CLOCKS = frozenset({"now", "today", "rand", "random"})
