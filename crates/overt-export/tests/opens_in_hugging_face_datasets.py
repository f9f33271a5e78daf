"""Loads an export by its folder, as its users do, and compares it with what it must hold.

Arguments: the export's folder, and a JSON file with the expected rows by split.
"""

import hashlib
import json
import sys
from pathlib import Path

from datasets import Image, load_dataset
from PIL.Image import Image as Picture


def plain(value):
    """The value without pictures, so that it can be compared with JSON."""
    if isinstance(value, Picture):
        return {"size": list(value.size), "rgb": hashlib.sha256(value.convert("RGB").tobytes()).hexdigest()}
    return value


def main(folder, expected_file):
    splits = load_dataset(str(folder))
    expected = json.loads(expected_file.read_text(encoding="utf-8"))
    assert set(splits) == set(expected), (set(splits), set(expected))
    for split, wanted_rows in expected.items():
        steps = splits[split]
        for column in ("image_before", "image_after"):
            assert isinstance(steps.features[column], Image), steps.features[column]
        assert len(steps) == len(wanted_rows), (len(steps), len(wanted_rows))
        for row, wanted in zip(steps, wanted_rows):
            for name, value in wanted.items():
                got = plain(row[name])
                assert got == value, f"{name} of row {row['row']}: {got!r} is not {value!r}"


main(Path(sys.argv[1]), Path(sys.argv[2]))
