"""Counts the bytes of a table without its pictures, and of the same columns written by pyarrow.

Argument: the table. Prints one JSON object.
"""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

PICTURES = ("image_before", "image_after")


def bytes_of_pictures(metadata):
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    chunks = [group.column(i) for group in groups for i in range(group.num_columns)]
    return sum(c.total_compressed_size for c in chunks if c.path_in_schema.split(".")[0] in PICTURES)


def written(rows, groups):
    """The bytes of these rows in groups of so many."""
    out = pa.BufferOutputStream()
    with pq.ParquetWriter(out, rows.schema, compression="zstd", compression_level=3) as writer:
        begin = 0
        for length in groups:
            writer.write_table(rows.slice(begin, length), row_group_size=length)
            begin += length
    return out.getvalue().size


def main(path):
    file = pq.ParquetFile(path)
    columns = [field.name for field in file.schema_arrow if field.name not in PICTURES]
    rows = pq.read_table(path, columns=columns)
    groups = [file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups)]
    counted = {
        "rows": file.metadata.num_rows,
        "row_groups": file.metadata.num_row_groups,
        "bytes": path.stat().st_size - bytes_of_pictures(file.metadata),
        "pyarrow_bytes": written(rows, [len(rows)]),
        "pyarrow_same_groups_bytes": written(rows, groups),
    }
    print(json.dumps(counted))


main(Path(sys.argv[1]))
