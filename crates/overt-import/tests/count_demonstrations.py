"""Counts what happens in MiniWoB++ demonstrations, apart from everything in Rust.

For each file named on standard input one line of JSON: presses, releases, characters typed outside password
fields, and whether a password field got any key.
"""

import gzip
import json
import sys


def focused(node):
    for child in node.get("children", []):
        found = focused(child)
        if found:
            return found
    return node["tag"] if node.get("focused") else None


def count(path):
    with gzip.open(path) as file:
        states = json.load(file)["states"]
    states = [s for s in states if s["action"] and s["action"].get("timing") == 1]
    total = {"presses": 0, "releases": 0, "characters": 0, "secret": False}
    for state, following in zip(states, states[1:] + [None]):
        kind = state["action"]["type"]
        # An input method took 229: which key it was is not told.
        key = kind == "keydown" and state["action"]["keyCode"] != 229
        secret = key and focused(state["dom"]) == "INPUT_password"
        if kind == "mousedown":
            total["presses"] += 1
        elif kind == "mouseup":
            total["releases"] += 1
        elif secret:
            total["secret"] = True
        elif kind == "keydown" and following and following["action"]["type"] == "keypress":
            total["characters"] += following["action"]["charCode"] >= 32
    return total


for line in sys.stdin:
    print(json.dumps(count(line.rstrip("\n"))))
