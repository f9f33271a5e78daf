"""Counts what happens in MiniWoB++ demonstrations, apart from everything in Rust.

For each file named on standard input one line of JSON: presses, releases, characters typed outside password
fields, whether a password field got any key, and, by the written rules of reduction, how many actions of each kind
they make, how many keys were pressed that type nothing, and which events can be part of no action. Nobody hovers,
waits or scrolls in them, and each ends once.
"""

import gzip
import json
import math
import sys

# Rule 2: from the press before, milliseconds; from the first press, pixels; a drag goes further, or is held.
CLICK_GAP, CLICK_SLIP, DRAG, HELD, TREMOR = 500, 5, 6, 300, 2
# Rule 3: a pause that ends what is typed in one go, and by how much times of keys are known, milliseconds.
TYPING_PAUSE, KEY_TIME = 1500, 100
KINDS = {1: "click", 2: "double_click", 3: "triple_click"}
MODIFIERS = {16: "shift", 17: "ctrl", 18: "alt", 91: "super", 92: "super"}
LOCKS = {20, 144, 145}
CHORD = {17, 18, 91, 92}
NAMELESS = {229, 255}
BACKSPACE = 8
ROLES = {
    "A": "link",
    "BODY": "document",
    "BUTTON": "button",
    "INPUT_button": "button",
    "INPUT_submit": "button",
    "INPUT_checkbox": "check",
    "INPUT_radio": "radio",
    "INPUT_password": "password",
    "LABEL": "label",
    "LI": "item",
    "OPTION": "option",
    "SELECT": "combo",
    "TEXTAREA": "entry",
}


def last(node, wanted):
    """The node that is drawn last of those that are wanted."""
    for child in reversed(node.get("children", [])):
        found = last(child, wanted)
        if found:
            return found
    return node if wanted(node) else None


def focused(page):
    node = last(page, lambda node: node.get("focused"))
    return node and node["tag"]


def met(page, x, y):
    """What the page says that was met, else what is drawn last there: its role and its place."""

    def there(node):
        left, top = node["left"], node["top"]
        inside = left <= x < left + node["width"] and top <= y < top + node["height"]
        return inside and node["tag"] != "t"

    node = last(page, lambda node: node.get("recordingTarget")) or last(page, there)
    if node is None:
        return None
    left, top, right, bottom = node["left"], node["top"], node["left"] + node["width"], node["top"] + node["height"]
    role = ROLES.get(node["tag"], "entry" if node["tag"].startswith("INPUT_") else "section")
    return role, math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)


class Presses:
    """Which actions presses and releases make."""

    def __init__(self):
        self.kinds, self.faults = {}, {}
        self.down, self.clicks = [], []
        self.goes_on = False
        self.last_button = self.open = None

    def fail(self, why):
        self.faults[why] = self.faults.get(why, 0) + 1

    def place(self, action):
        x, y = math.floor(action["x"]), math.floor(action["y"])
        if x < 0 or y < 0:
            self.fail("outside_desktop")
            return None
        return x, y

    def press(self, time, action, button, dom, held):
        self.last_button = button
        at = self.place(action)
        if at is None:
            return False
        lost = [press for press in self.down if press["button"] == button]
        for press in lost:
            self.down.remove(press)
            self.fail("unmatched_press")
        self.open = {"at": at, "button": button, "time": time, "held": held, "met": met(dom, *at)}
        self.down.append(self.open)
        return True

    def release(self, time, action):
        button, self.last_button, self.open = self.last_button or "other", None, None
        at = self.place(action)
        if at is None:
            return
        press = next((press for press in self.down if press["button"] == button), None)
        if press is None:
            return self.fail("unmatched_release")
        self.down.remove(press)
        way = math.dist(press["at"], at)
        self.done(press, way > DRAG or (time - press["time"] > HELD and way > TREMOR))

    def done(self, press, is_drag):
        if is_drag:
            self.kinds["drag"] = self.kinds.get("drag", 0) + 1
            self.goes_on = False
        elif self.goes_on and self.is_same(self.clicks[-1], press):
            self.clicks[-1].update(count=self.clicks[-1]["count"] + 1, time=press["time"])
        else:
            self.clicks.append({**press, "count": 1})
            self.goes_on = True

    @staticmethod
    def is_same(click, press):
        same = all(click[what] == press[what] for what in ("button", "held"))
        near = math.dist(click["at"], press["at"]) <= CLICK_SLIP and press["time"] - click["time"] <= CLICK_GAP
        another = click["met"] and press["met"] and click["met"] != press["met"]
        return same and near and click["count"] < 3 and not another

    def end(self, succeeded):
        """Gives whether the last press ended the task, so that its release was not heard."""
        ended = succeeded and self.open in self.down
        if ended:
            self.down.remove(self.open)
            self.done(self.open, False)
        for _ in self.down:
            self.fail("unmatched_press")
        for click in self.clicks:
            kind = KINDS[click["count"]]
            self.kinds[kind] = self.kinds.get(kind, 0) + 1
        return ended


class Typing:
    """How often something was typed in one go. Times pass by whatever happens."""

    def __init__(self):
        self.runs, self.characters, self.last = 0, None, 0

    def at(self, time):
        if time - self.last > TYPING_PAUSE:
            self.end()

    def end(self):
        self.characters = None

    def character(self, time):
        if self.characters is None:
            self.runs, self.characters = self.runs + 1, 0
        self.characters += 1
        self.last = time

    def key(self, time, code):
        """A key that types nothing ends it, unless it takes back a character of it. Gives whether it did."""
        if code == BACKSPACE and self.characters:
            self.characters -= 1
            self.last = time
            return True
        self.end()
        return False


class Keys:
    """How often a key was an action. One that is down already repeats, unless another action began since."""

    def __init__(self):
        self.actions, self.down, self.last = 0, set(), None

    def press(self, code):
        if code != self.last or code not in self.down:
            self.actions += 1
        self.last = code

    def other_action(self):
        self.last = None


def is_left(following):
    for state in following:
        if state["action"]["type"] == "mousedown":
            return False
        if state["action"]["type"] == "click":
            return True
    return False


def is_key(code, chord):
    """Whether it is a key of its own when it types nothing."""
    character = 48 <= code <= 90 or 96 <= code <= 111 or 186 <= code <= 222
    return code not in MODIFIERS and code not in LOCKS and code not in NAMELESS and (chord or not character)


def count(path):
    with gzip.open(path) as file:
        demo = json.load(file)
    states = demo["states"]
    states = [s for s in states if s["action"] and s["action"].get("timing") == 1]
    total = {"presses": 0, "releases": 0, "characters": 0, "secret": False, "keys": 0}
    presses, typing, keys, held = Presses(), Typing(), Keys(), set()
    for i, state in enumerate(states):
        following = states[i + 1] if i + 1 < len(states) else None
        action, time = state["action"], state["time"]
        kind = action["type"]
        key_time = time // KEY_TIME * KEY_TIME
        typing.at(key_time if kind.startswith("key") else time)
        # An input method took 229: which key it was is not told.
        key = kind == "keydown" and action["keyCode"] != 229
        secret = key and focused(state["dom"]) == "INPUT_password"
        if kind == "mousedown":
            total["presses"] += 1
            typing.end()
            button = "left" if is_left(states[i + 1 :]) else "other"
            names = {MODIFIERS[code] for code in held}
            if presses.press(time, action, button, state["dom"], names):
                keys.other_action()
        elif kind == "mouseup":
            total["releases"] += 1
            presses.release(time, action)
        elif secret:
            total["secret"] = True
            keys.other_action()
        elif kind == "keydown" and following and following["action"]["type"] == "keypress":
            typed = following["action"]["charCode"] >= 32
            total["characters"] += typed
            total["keys"] += not typed
            if typed:
                typing.character(key_time)
                keys.other_action()
            elif not typing.key(key_time, action["keyCode"]):
                keys.press(action["keyCode"])
            presses.goes_on = False
        elif kind == "keydown" and is_key(action["keyCode"], bool(held & CHORD)):
            total["keys"] += 1
            if not typing.key(key_time, action["keyCode"]):
                keys.press(action["keyCode"])
            presses.goes_on = False
        if kind == "keydown":
            keys.down.add(action["keyCode"])
            held |= {action["keyCode"]} & MODIFIERS.keys()
        elif kind == "keyup":
            keys.down.discard(action["keyCode"])
            held.discard(action["keyCode"])
    total["releases"] += presses.end(demo["rawReward"] > 0)
    kinds = presses.kinds | {"type": typing.runs, "key": keys.actions, "finish": 1}
    return total | {"kinds": {kind: n for kind, n in kinds.items() if n}, "faults": presses.faults}


for line in sys.stdin:
    print(json.dumps(count(line.rstrip("\n"))))
