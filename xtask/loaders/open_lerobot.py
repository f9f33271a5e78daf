"""LeRobot opens an export as its own data set. Argument: the export's folder."""

import json
import sys
from pathlib import Path

try:
    from lerobot.datasets import LeRobotDataset
except ImportError:
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

folder = Path(sys.argv[1]) / "train"
info = json.loads((folder / "meta/info.json").read_text())
frames = LeRobotDataset("overt/train", root=folder)
assert len(frames) == info["total_frames"], (len(frames), info["total_frames"])
assert frames.meta.total_episodes == info["total_episodes"]
height, width, _ = info["features"]["observation.images.screen"]["shape"]
for index in {0, len(frames) // 2, len(frames) - 1}:
    frame = frames[index]
    assert tuple(frame["observation.images.screen"].shape) == (3, height, width)
    assert frame["action"].shape == (13,)
    assert int(frame["index"]) == index and isinstance(frame["task"], str)
print(f"LeRobot: {len(frames)} frames in {frames.meta.total_episodes} episodes")
