"""Keeps LeRobot's written rules of a data set v3.0, as far as they can be checked without PyTorch.

Arguments: the data set's folder, and a JSON file with the expected frames.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy
import pandas
from datasets import Dataset, Features, Image, Sequence, Value


def features_of(info):
    """As `get_hf_features_from_features` makes them."""
    found = {}
    for name, feature in info["features"].items():
        if feature["dtype"] == "video":
            continue
        if feature["dtype"] == "image":
            found[name] = Image()
        elif feature["shape"] == [1]:
            found[name] = Value(feature["dtype"])
        else:
            (length,) = feature["shape"]
            found[name] = Sequence(Value(feature["dtype"]), length=length)
    return Features(found)


def check_frames(folder, info, frames, expected):
    assert len(frames) == info["total_frames"] == len(expected)
    height, width, channels = info["features"]["observation.images.screen"]["shape"]
    for index, (frame, wanted) in enumerate(zip(frames, expected)):
        assert frame["index"] == index
        rate = numpy.float32(frame["frame_index"]) / numpy.float32(info["fps"])
        assert numpy.float32(frame["timestamp"]) == rate, (frame["timestamp"], rate)
        picture = frame.get("observation.images.screen")
        if info["video_path"] is None:
            assert picture.size == (width, height) and len(picture.getbands()) == channels
            assert hashlib.sha256(picture.tobytes()).hexdigest() == wanted["rgb"]
        for name, value in wanted["values"].items():
            assert frame[name] == value, f"{name}: {frame[name]!r} is not {value!r}"
        assert numpy.allclose(frame["action"], wanted["action"]), frame["action"]


def check_episodes(folder, info, frames, expected):
    episodes = Dataset.from_parquet([str(p) for p in sorted((folder / "meta/episodes").glob("*/*.parquet"))])
    tasks = pandas.read_parquet(folder / "meta/tasks.parquet")
    assert len(episodes) == info["total_episodes"] and len(tasks) == info["total_tasks"]
    end = 0
    for number, episode in enumerate(episodes):
        assert episode["episode_index"] == number
        assert episode["dataset_from_index"] == end
        end = episode["dataset_to_index"]
        assert end - episode["dataset_from_index"] == episode["length"]
        data = info["data_path"].format(
            chunk_index=episode["data/chunk_index"], file_index=episode["data/file_index"]
        )
        assert (folder / data).exists(), data
        if info["video_path"] is not None:
            check_video(folder, info, episode)
        for index in range(episode["dataset_from_index"], end):
            frame = frames[index]
            assert frame["episode_index"] == number
            assert frame["frame_index"] == index - episode["dataset_from_index"]
            assert tasks.iloc[frame["task_index"]].name == expected[index]["task"]
            assert episode["tasks"] == [expected[index]["task"]], episode["tasks"]
            assert tasks.loc[episode["tasks"][0]]["task_index"] == frame["task_index"]
    assert end == len(frames)


def check_video(folder, info, episode):
    key = "observation.images.screen"
    where = {name: episode[f"videos/{key}/{name}"] for name in ("chunk_index", "file_index")}
    assert (folder / info["video_path"].format(video_key=key, **where)).exists(), where
    begin, end = (episode[f"videos/{key}/{name}"] for name in ("from_timestamp", "to_timestamp"))
    # One file holds them all.
    assert begin == episode["dataset_from_index"] / info["fps"], (begin, episode["dataset_from_index"])
    assert end - begin == episode["length"] / info["fps"], (begin, end)


def check_stats(folder, info):
    stats = json.loads((folder / "meta/stats.json").read_text())
    for name, feature in info["features"].items():
        if feature["dtype"] == "string":
            continue
        shape = (3, 1, 1) if feature["dtype"] in ("image", "video") else tuple(feature["shape"])
        for kind in ("min", "max", "mean", "std"):
            assert numpy.array(stats[name][kind]).shape == shape, (name, kind)
        assert stats[name]["count"] == [info["total_frames"]]


def main(folder, expected_file):
    info = json.loads((folder / "meta/info.json").read_text())
    assert info["codebase_version"] == "v3.0"
    paths = [str(path) for path in sorted((folder / "data").glob("*/*.parquet"))]
    frames = Dataset.from_parquet(paths, features=features_of(info))
    expected = json.loads(expected_file.read_text(encoding="utf-8"))
    check_frames(folder, info, frames, expected)
    check_episodes(folder, info, frames, expected)
    check_stats(folder, info)


main(Path(sys.argv[1]), Path(sys.argv[2]))
