"""Simulated weekly series for `cornerstone forecast`, as Parquet: million.py SERIES WEEKS FILE [FILE OF THE FIRST WEEKS - 8].

Counts are negative binomial around a level of 5 to 150 units that drifts, with a season of 52 weeks. Needs numpy and pyarrow.
"""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CHUNK = 10_000
LATER = 8

count, weeks = int(sys.argv[1]), int(sys.argv[2])
schema = pa.schema([("unique_id", pa.string()), ("ds", pa.date32()), ("y", pa.float64())])
writers = [(pq.ParquetWriter(path, schema, compression="zstd"), until)
           for path, until in zip(sys.argv[3:5], [weeks, weeks - LATER])]
random = np.random.default_rng(11)
# 2022-01-03, a Monday, counted from 1970-01-01.
days = (18_995 + 7 * np.arange(weeks)).astype("int32")
for first in range(0, count, CHUNK):
    rows = min(CHUNK, count - first)
    level = np.exp(random.uniform(np.log(5.0), np.log(150.0), (rows, 1)))
    drift = np.cumsum(random.normal(0.0, 0.02, (rows, weeks)), axis=1)
    phase, swing = random.uniform(0.0, 2.0 * np.pi, (rows, 1)), random.uniform(0.0, 0.4, (rows, 1))
    mean = level * np.exp(drift) * (1.0 + swing * np.sin(2.0 * np.pi * np.arange(weeks) / 52.0 + phase))
    units = random.poisson(random.gamma(8.0, mean / 8.0)).astype("float64")
    ids = np.array([f"s{at:07d}" for at in range(first, first + rows)])
    for writer, until in writers:
        columns = [np.repeat(ids, until), np.tile(days[:until], rows), units[:, :until].ravel()]
        arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema)]
        writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
for writer, _ in writers:
    writer.close()
