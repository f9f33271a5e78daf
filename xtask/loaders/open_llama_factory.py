"""LLaMA-Factory finds an export by its dataset_info.json and aligns its rows; pictures are those of the rows.

Arguments: the export's folder, and the data set's.
"""

import json
import sys
from pathlib import Path

import source
from llamafactory.data.loader import _load_single_dataset
from llamafactory.data.parser import get_dataset_list
from llamafactory.hparams import DataArguments, ModelArguments
from transformers import Seq2SeqTrainingArguments

folder, steps = Path(sys.argv[1]), source.steps(sys.argv[2])
name = "overt_train"
data = DataArguments(dataset=name, dataset_dir=str(folder), media_dir=str(folder), template="qwen2_vl")
model = ModelArguments(model_name_or_path="none")
training = Seq2SeqTrainingArguments(output_dir=str(folder / "unused"), report_to="none")
(attributes,) = get_dataset_list([name], str(folder))
rows = _load_single_dataset(attributes, model, data, training)
lines = [json.loads(line) for line in (folder / "train.jsonl").read_text(encoding="utf-8").splitlines()]
assert len(rows) == len(lines), (len(rows), len(lines))
for row, line in zip(rows, lines):
    told = [message["content"] for message in row["_prompt"] + row["_response"]]
    assert told == [message["content"] for message in line["messages"]], told
    assert [Path(image) for image in row["_images"]] == [folder / image for image in line["images"]]
    for image in row["_images"]:
        step = steps[source.row_of_picture(image)]
        assert Path(image).read_bytes() == source.png_of(step), f"the picture of row {step['row']}"
print(f"LLaMA-Factory: {len(rows)} rows, words and pictures as in their rows")
