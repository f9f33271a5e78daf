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


def main(path):
    file = pq.ParquetFile(path)
    columns = [field.name for field in file.schema_arrow if field.name not in PICTURES]
    rows = pq.read_table(path, columns=columns)
    out = pa.BufferOutputStream()
    pq.write_table(rows, out, compression="zstd", compression_level=3)
    counted = {
        "rows": file.metadata.num_rows,
        "row_groups": file.metadata.num_row_groups,
        "bytes": path.stat().st_size - bytes_of_pictures(file.metadata),
        "pyarrow_bytes": out.getvalue().size,
    }
    print(json.dumps(counted))


main(Path(sys.argv[1]))
