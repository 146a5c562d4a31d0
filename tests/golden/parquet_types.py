"""A Parquet file with a column of each kind of type, the second row missing.

Made with Python 3, pyarrow 26.0.1:
    python tests/golden/parquet_types.py        writes parquet-types.parquet beside this file
"""

import datetime
import decimal
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

UTC = datetime.timezone.utc
columns = {
    "text": pa.array(["a", None, ""], pa.string()),
    "category": pa.array(["u", None, "u"]).dictionary_encode(),
    "whole": pa.array([1, None, -3], pa.int32()),
    "long": pa.array([2**53 + 1, None, -1], pa.int64()),
    "number": pa.array([1.5, None, float("nan")], pa.float64()),
    "decimal": pa.array([decimal.Decimal("1.25"), None, decimal.Decimal("0.00")], pa.decimal128(10, 2)),
    "yes": pa.array([True, None, False]),
    "day": pa.array([datetime.date(2020, 2, 29), None, datetime.date(1969, 12, 31)]),
    "time": pa.array([datetime.datetime(2020, 2, 29, 12, 30, 0, 123456), None, datetime.datetime(1970, 1, 1)]),
    "zoned": pa.array(
        [datetime.datetime(2020, 2, 29, 12, 30, tzinfo=UTC), None, datetime.datetime(1970, 1, 1, tzinfo=UTC)],
        pa.timestamp("ms", tz="Europe/Prague"),
    ),
    "list": pa.array([[1, 2], None, []], pa.list_(pa.int32())),
    "struct": pa.array([{"a": 1}, None, {"a": None}], pa.struct([("a", pa.int32())])),
    "map": pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int32())),
    "bytes": pa.array([b"\x00\xff", None, b""], pa.binary()),
}
pq.write_table(pa.table(columns), pathlib.Path(__file__).with_name("parquet-types.parquet"))
