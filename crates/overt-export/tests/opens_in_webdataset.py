"""Reads tar files with WebDataset itself and compares them with what they must hold.

Arguments: the tar file, and a JSON file with the expected samples.
"""

import hashlib
import json
import sys
from pathlib import Path

import webdataset


def main(shard, expected_file):
    expected = json.loads(expected_file.read_text(encoding="utf-8"))
    samples = list(webdataset.WebDataset(str(shard), shardshuffle=False))
    assert len(samples) == len(expected), (len(samples), len(expected))
    endings = {tuple(sorted(name for name in sample if not name.startswith("__"))) for sample in samples}
    assert endings <= {tuple(sorted(["json", *expected[0]["pictures"]]))}, endings
    for sample, wanted in zip(samples, expected):
        assert sample["__key__"] == wanted["key"], sample["__key__"]
        for name, digest in wanted["pictures"].items():
            assert hashlib.sha256(sample[name]).hexdigest() == digest, name
        step = json.loads(sample["json"])
        for name, value in wanted["step"].items():
            assert step[name] == value, f"{name}: {step[name]!r} is not {value!r}"


main(Path(sys.argv[1]), Path(sys.argv[2]))
