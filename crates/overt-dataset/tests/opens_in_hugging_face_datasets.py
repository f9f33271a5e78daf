"""Loads a data set the way its users do and compares it with what it must hold.

Arguments: the data set's folder, and a JSON file with the expected rows.
"""

import json
import sys
from pathlib import Path

from datasets import Image, load_dataset
from PIL.Image import Image as Picture


def plain(value):
    """The value without pictures, so that it can be compared with JSON."""
    if isinstance(value, Picture):
        return {"size": list(value.size), "mode": value.mode, "first_pixel": list(value.getpixel((0, 0)))}
    return value


def main(folder, expected_file):
    steps = load_dataset("parquet", data_files=str(folder / "steps.parquet"), split="train")
    for column in ("image_before", "image_after"):
        assert isinstance(steps.features[column], Image), steps.features[column]
    rows = [{name: plain(value) for name, value in row.items()} for row in steps]
    expected = json.loads(expected_file.read_text(encoding="utf-8"))
    assert len(rows) == len(expected), (len(rows), len(expected))
    for row, wanted in zip(rows, expected):
        for name, value in wanted.items():
            assert row[name] == value, f"{name} of row {row['row']}: {row[name]!r} is not {value!r}"
    for table in ("episodes", "lineage"):
        rows = load_dataset("parquet", data_files=str(folder / f"{table}.parquet"), split="train")
        assert len(rows) > 0, table


main(Path(sys.argv[1]), Path(sys.argv[2]))
