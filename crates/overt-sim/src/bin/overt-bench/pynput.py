"""Counts what pynput's listeners are told; each callback is away when asked, as a busy consumer is.

Arguments: seconds since the start at which to be away, comma separated; seconds to be away.
Says "ready" when it listens; at the end of stdin it prints what it counted, as JSON.
"""

import json
import sys
import threading
import time

from pynput import keyboard, mouse

AWAY_AT = [float(word) for word in sys.argv[1].split(",")]
AWAY_SECS = float(sys.argv[2])
counts = {"buttons": 0, "keys": 0, "notches": 0}
began = time.monotonic()


def consumer():
    """Whoever takes the events of one listener; it counts, and is away at times."""
    left = list(AWAY_AT)

    def take(kind, amount=1):
        counts[kind] += amount
        if left and time.monotonic() - began >= left[0]:
            left.pop(0)
            time.sleep(AWAY_SECS)

    return take


of_mouse, of_keyboard = consumer(), consumer()
listeners = [
    mouse.Listener(
        on_click=lambda *_: of_mouse("buttons"),
        on_scroll=lambda x, y, dx, dy: of_mouse("notches", abs(dx) + abs(dy)),
    ),
    keyboard.Listener(
        on_press=lambda *_: of_keyboard("keys"),
        on_release=lambda *_: of_keyboard("keys"),
    ),
]
for listener in listeners:
    listener.start()
    listener.wait()
print("ready", flush=True)
began = time.monotonic()
done = threading.Event()
sys.stdin.read()
# What is under way arrives yet, until nothing has for two seconds.
last = None
while last != (last := sum(counts.values())):
    done.wait(2)
print(json.dumps(counts), flush=True)
