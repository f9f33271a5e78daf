"""ms-swift loads an export by its own loader. Argument: the export's folder."""

import json
import os
import sys
from pathlib import Path

folder = Path(sys.argv[1])
os.environ["ROOT_IMAGE_DIR"] = str(folder)
os.chdir(folder)

try:
    from swift.dataset import load_dataset
except ImportError:
    from swift.llm import load_dataset

for file in ("train.jsonl", "grounding-train.jsonl"):
    if not (folder / file).exists():
        continue
    lines = [json.loads(line) for line in (folder / file).read_text(encoding="utf-8").splitlines()]
    rows = load_dataset([str(folder / file)], num_proc=1, strict=True)[0]
    assert len(rows) == len(lines), (file, len(rows), len(lines))
    for row, line in zip(rows, lines):
        told = [(m["role"], m["content"]) for m in row["messages"]]
        assert told == [(m["role"], m["content"]) for m in line["messages"]], told
        assert len(row["images"]) == len(line["images"]), row["images"]
    print(f"ms-swift: {len(rows)} rows of {file}")
