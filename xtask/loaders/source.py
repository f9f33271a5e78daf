"""The data set that an export was made of, as its Parquet files tell it and no exporter."""

import io
from pathlib import Path

import numpy
import pyarrow.parquet
from PIL import Image

KINDS = {
    "click": 0,
    "double_click": 0,
    "triple_click": 0,
    "drag": 1,
    "scroll": 2,
    "type": 3,
    "key": 4,
    "hover": 5,
    "wait": 6,
    "finish": 7,
}
BUTTONS = {"left": 1, "middle": 2, "right": 3, "back": 4, "forward": 5}
MODIFIERS = ("ctrl", "alt", "shift", "super")


def rows_of(dataset, table):
    return pyarrow.parquet.read_table(Path(dataset) / table).to_pylist()


def steps(dataset):
    """Its rows by their numbers."""
    return {row["row"]: row for row in rows_of(dataset, "steps.parquet")}


def instructions(dataset):
    """What each episode was told to be, by recording and number."""
    episodes = rows_of(dataset, "episodes.parquet")
    return {(e["recording"], e["episode"]): e["instruction"] or "" for e in episodes}


def png_of(row):
    return row["image_before"]["bytes"]


def pixels_of(png):
    """Height x width x 3, red, green, blue."""
    return numpy.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def row_of_picture(name):
    """Pictures are named by their rows."""
    return int(Path(name).stem)


def boxes_of(row):
    """Left, top, right, bottom of all elements of a step, by what they are called in exports."""
    elements = list(row["elements_before"] or [])
    elements += [row["element"]] if row["element"] is not None else []
    boxes = {}
    for element in elements:
        name = f'{element["role"]} "{element["name"]}"'
        left, top = element["x"], element["y"]
        boxes.setdefault(name, set()).add((left, top, left + element["w"], top + element["h"]))
    return boxes


def action_of(row):
    """A step in the 13 numbers of docs/spec/export.md, section 5.9."""
    kind = KINDS[row["kind"]]
    points = [(p["x"], p["y"]) for p in row["path"] or []] if kind == 1 else []
    if not points and row["x"] is not None:
        points = [(row["x"], row["y"])]
    place = [(x / row["width"], y / row["height"]) for x, y in points] or [(0, 0)]
    button = BUTTONS.get(row["button"], 0) if kind in (0, 1) else 0
    count = {0: row["count"], 1: 1, 4: row["count"]}.get(kind) or 0
    notches = [row["dx_notch"] or 0, row["dy_notch"] or 0] if kind == 2 else [0, 0]
    modifiers = row["modifiers"] or [] if kind <= 2 else []
    held = [int(name in modifiers) for name in MODIFIERS]
    return [kind, *place[0], *place[-1], button, count, *notches, *held]
