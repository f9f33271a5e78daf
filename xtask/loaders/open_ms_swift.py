"""ms-swift loads an export by its own loader; boxes, names and pictures are those of the rows.

Arguments: the export's folder, and the data set's.
"""

import json
import os
import sys
from pathlib import Path

import source

folder, dataset = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
os.environ["ROOT_IMAGE_DIR"] = str(folder)
os.chdir(folder)

try:
    from swift.dataset import load_dataset
except ImportError:
    from swift.llm import load_dataset


def bytes_of(image):
    """Of a picture as ms-swift holds it: by its bytes, or by where it lies."""
    if isinstance(image, str):
        return (folder / image).read_bytes()
    return image["bytes"] or (folder / image["path"]).read_bytes()


def check(row, line, steps):
    told = [(m["role"], m["content"]) for m in row["messages"]]
    assert told == [(m["role"], m["content"]) for m in line["messages"]], told
    assert len(row["images"]) == len(line["images"]), row["images"]
    step = steps[source.row_of_picture(line["images"][0])]
    assert bytes_of(row["images"][0]) == source.png_of(step), f"the picture of row {step['row']}"
    if "objects" in line:
        check_objects(row["objects"], line["objects"], step)


def check_objects(objects, told, step):
    """As the line tells them, and as the row's elements do."""
    assert list(objects["ref"]) == told["ref"], objects
    assert [list(box) for box in objects["bbox"]] == told["bbox"], objects
    assert objects["bbox_type"] == "real", objects
    boxes = source.boxes_of(step)
    for name, box in zip(objects["ref"], objects["bbox"]):
        assert tuple(int(side) for side in box) in boxes[name], (step["row"], name, box)


steps = source.steps(dataset)
for file in ("train.jsonl", "grounding-train.jsonl"):
    if not (folder / file).exists():
        continue
    lines = [json.loads(line) for line in (folder / file).read_text(encoding="utf-8").splitlines()]
    rows = load_dataset([str(folder / file)], num_proc=1, strict=True)[0]
    assert len(rows) == len(lines), (file, len(rows), len(lines))
    for row, line in zip(rows, lines):
        check(row, line, steps)
    print(f"ms-swift: {len(rows)} rows of {file}, values and pictures as in their rows")
