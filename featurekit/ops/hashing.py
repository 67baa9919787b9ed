"""Digests of texts, and buckets made of them: the same everywhere, for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from featurekit import datatypes as types
from featurekit.datatypes import DataType
from featurekit.errors.meaning import ConstantRefused
from featurekit.ops.operator import ConstantInt, operator


def each(pl: Any, x: Any, body: Callable[[Any], Any], kind: Any) -> Any:
    """Return ``body`` of every value that is not null, where polars has no words of its own."""

    def over(values: Any) -> Any:
        answers = [None if value is None else body(value) for value in values]
        return pl.Series(values.name, answers, dtype=kind)

    return x.map_batches(over, return_dtype=kind, is_elementwise=True)


@operator("MD5", polars=lambda pl, x: each(pl, x, md5, pl.String), sql="md5({x})")
def md5(x: str) -> str:
    """Return the MD5 digest of the text in UTF-8, as 32 hexadecimal digits.

    For keys that other systems made so; it protects nothing.

    Cases:
        md5("abc") = "900150983cd24fb0d6963f7d28e17f72"
        md5("é") = "66ddcd97cfdeabb2f6fb8a999b4bc76f"
        md5("") = "d41d8cd98f00b204e9800998ecf8427e"
        md5(null) = null
    """
    return hashlib.md5(x.encode(), usedforsecurity=False).hexdigest()


@operator("SHA256", polars=lambda pl, x: each(pl, x, sha256, pl.String), sql="sha256({x})")
def sha256(x: str) -> str:
    """Return the SHA-256 digest of the text in UTF-8, as 64 hexadecimal digits.

    Cases:
        sha256("abc") = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        sha256("é") = "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"
        sha256("") = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        sha256(null) = null
    """
    return hashlib.sha256(x.encode()).hexdigest()


def _buckets(_: DataType, n: int, __: int) -> DataType:
    if n < 1:
        why = "a text falls into one of n buckets"
        raise ConstantRefused("HASH_BUCKET", "n", n, why, "HASH_BUCKET(x, 100, 0)")
    return types.BIGINT


def bucket_of(text: str, n: int, seed: int) -> int:
    """Return the first 15 hexadecimal digits of SHA-256 of ``seed:text``, modulo n."""
    return int(hashlib.sha256(f"{seed}:{text}".encode()).hexdigest()[:15], 16) % n


_BUCKET = (
    "CAST('0x' || substr(sha256(CAST({seed} AS VARCHAR) || ':' || {x}), 1, 15) AS BIGINT) % {n}"
)


@operator(
    "HASH_BUCKET",
    polars=lambda pl, x, n, seed: each(pl, x, lambda text: bucket_of(text, n, seed), pl.Int64),
    sql=_BUCKET,
    result=_buckets,
)
def hash_bucket(x: str, n: ConstantInt, seed: ConstantInt) -> int:
    """Return which of n buckets, from 0, the text falls into; another seed deals them anew.

    The first 15 hexadecimal digits of SHA-256 of ``seed:text``, modulo n.

    Cases:
        hash_bucket("abc", 100, 0) = 57
        hash_bucket("abc", 100, 1) = 95
        hash_bucket("é", 7, -3) = 6
        hash_bucket("", 1, 0) = 0
        hash_bucket(null, 10, 0) = null
    """
    return bucket_of(x, n, seed)


@operator(
    "HASH_BUCKET",
    polars=lambda pl, x, n, seed: each(
        pl, x, lambda number: bucket_of(str(number), n, seed), pl.Int64
    ),
    sql=_BUCKET.replace("{x}", "CAST({x} AS VARCHAR)"),
    result=_buckets,
)
def hash_bucket_bigint(x: int, n: ConstantInt, seed: ConstantInt) -> int:
    """Return which of n buckets, from 0, the integer falls into: that of its decimal digits.

    Cases:
        hash_bucket_bigint(42, 100, 0) = 43
        hash_bucket_bigint(-1, 100, 0) = 29
        hash_bucket_bigint(-9223372036854775808, 1000, 7) = 84
        hash_bucket_bigint(null, 10, 0) = null
    """
    return bucket_of(str(x), n, seed)
