"""LeRobot opens an export as its own data set, and every frame is what the step's row tells.

Arguments: the export's folder, and the data set's.
"""

import json
import sys
from pathlib import Path

import numpy
import source

try:
    from lerobot.datasets import LeRobotDataset
except ImportError:
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

PICTURE = "observation.images.screen"


def check(frame, rows, tasks, fps):
    row = rows[int(frame["overt.row"])]
    for name in ("t_start_millis", "t_end_millis"):
        assert int(frame[f"overt.{name}"]) == row[name], (name, frame[f"overt.{name}"], row[name])
    assert isinstance(frame["overt.calls"], str) and frame["overt.calls"]
    if row["kind"] == "type":
        # What is typed stands in the call alone, here in OpenAI's words.
        assert json.loads(frame["overt.calls"])["text"] == row["text"], row["row"]
    rate = numpy.float32(int(frame["frame_index"])) / numpy.float32(fps)
    assert numpy.float32(float(frame["timestamp"])) == rate, (float(frame["timestamp"]), rate)
    action = numpy.asarray(frame["action"], dtype=numpy.float64)
    assert numpy.allclose(action, source.action_of(row), atol=1e-6), (action, source.action_of(row))
    assert frame["task"] == tasks[row["recording"], row["episode"]]
    pixels = numpy.rint(numpy.asarray(frame[PICTURE]) * 255).astype(numpy.uint8).transpose(1, 2, 0)
    assert numpy.array_equal(pixels, source.pixels_of(source.png_of(row))), f"the pixels of row {row['row']}"
    return row["row"]


folder, dataset = Path(sys.argv[1]) / "train", sys.argv[2]
info = json.loads((folder / "meta/info.json").read_text())
frames = LeRobotDataset("overt/train", root=folder)
assert len(frames) == info["total_frames"], (len(frames), info["total_frames"])
assert frames.meta.total_episodes == info["total_episodes"]
rows, tasks = source.steps(dataset), source.instructions(dataset)
found = [check(frames[index], rows, tasks, info["fps"]) for index in range(len(frames))]
assert found == sorted(set(found)), "each row once, in order"
print(f"LeRobot: {len(frames)} frames in {frames.meta.total_episodes} episodes, values and pixels as in their rows")
