"""Tells what was done in an OWAMcap, apart from everything in Rust; or has OWA's own writer write one.

`tell FILE` reads the bare JSON of each message. `write FILE` writes one of the package's version, with a picture in it.
Both print, as JSON: the presses and releases of buttons (nanoseconds, button, place, whether down), the notches (right
and down), and the keys that went down, by X keysym.
"""

import json
import sys

import numpy
from mcap.reader import make_reader
from mcap_owa.highlevel import OWAMcapWriter
from owa.core import MESSAGES

START = 1_700_000_000_000_000_000
KEYS = {8: "BackSpace", 13: "Return", 32: "space", 160: "Shift_L", 162: "Control_L"}


def keysym(vk):
    return KEYS.get(vk) or chr(vk).lower()


def tell(path):
    buttons, notches, keys = [], [0, 0], []
    with open(path, "rb") as file:
        for schema, _, message in make_reader(file).iter_messages():
            value = json.loads(message.data)
            kind = schema.name.rsplit("/")[-1].rsplit(".")[-1], value.get("event_type")
            if kind == ("MouseEvent", "click"):
                place = [value["x"], value["y"]]
                buttons.append([message.log_time, value["button"], place, value["pressed"]])
            elif kind == ("MouseEvent", "scroll"):
                notches = [notches[0] + value["dx"], notches[1] - value["dy"]]
            elif kind == ("KeyboardEvent", "press"):
                keys.append(keysym(value["vk"]))
    return {"buttons": buttons, "notches": notches, "keys": keys}


def deeds():
    """What is written: each button, both wheels, typing with Shift, a key that takes back, a chord that repeats."""
    picture = MESSAGES["desktop/ScreenCaptured"](frame_arr=numpy.full((48, 64, 4), 200, numpy.uint8))
    yield "screen", picture.embed_as_data_uri()
    yield "window", MESSAGES["desktop/WindowInfo"](title="Orders", rect=(2, 3, 60, 40), hWnd=7)
    mouse, keyboard = MESSAGES["desktop/MouseEvent"], MESSAGES["desktop/KeyboardEvent"]
    for n, button in enumerate(["left", "right", "middle", "x1", "x2"]):
        x, y = 10 * n + 5, 20 + n
        yield "mouse", mouse(event_type="move", x=x, y=y)
        yield "mouse", mouse(event_type="click", x=x, y=y, button=button, pressed=True)
        yield "mouse", mouse(event_type="click", x=x, y=y, button=button, pressed=False)
    for dx, dy in [(0, -1), (0, -2), (3, 0), (-1, 0), (0, 1)]:
        yield "mouse", mouse(event_type="scroll", x=45, y=24, dx=dx, dy=dy)
    yield "keyboard/state", MESSAGES["desktop/KeyboardState"](buttons={162})
    yield "mouse/raw", MESSAGES["desktop/RawMouseEvent"](last_x=3, last_y=-1)
    ways = {"+": "press", "-": "release"}
    for stroke in "+160 +72 -72 -160 +73 -73 +73 -73 +8 -8 +162 +67 +67 -67 -162 +13 -13".split():
        yield "keyboard", keyboard(event_type=ways[stroke[0]], vk=int(stroke[1:]))


def write(path):
    with OWAMcapWriter(path) as writer:
        for n, (topic, message) in enumerate(deeds()):
            writer.write_message(message, topic=topic, timestamp=START + n * 40_000_000)


if sys.argv[1] == "write":
    write(sys.argv[2])
json.dump(tell(sys.argv[2]), sys.stdout)
