"""Plays a data set in a terminal of its own, as a person would who presses keys.

Arguments: the program overt, the data set's folder, and a key for each screen. Prints what each screen showed, what was said
last, the exit code, and whether the terminal is as it was.
"""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios

PROMPT = "q quit"
WITHIN_SECS = 60


def read(terminal):
    """What comes next; nothing when the other end is closed."""
    if not select.select([terminal], [], [], WITHIN_SECS)[0]:
        sys.exit("nothing came in time")
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def until_prompt(terminal):
    shown = b""
    while PROMPT.encode() not in shown:
        part = read(terminal)
        if not part:
            sys.exit("it ended before it asked: " + shown.decode(errors="replace"))
        shown += part
    return shown.decode(errors="replace")


def until_end(terminal):
    shown = b""
    while part := read(terminal):
        shown += part
    return shown.decode(errors="replace")


def main(program, dataset, keys):
    terminal, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    before = termios.tcgetattr(inner)
    child = os.fork()
    if child == 0:
        os.login_tty(inner)
        os.environ["COLORTERM"] = "truecolor"
        os.environ.pop("NO_COLOR", None)
        os.execv(program, [program, "show", dataset])
    screens = []
    for key in keys:
        screens.append(until_prompt(terminal))
        raw = termios.tcgetattr(inner)[3] & termios.ICANON == 0
        os.write(terminal, key.encode())
    _, status = os.waitpid(child, 0)
    after = termios.tcgetattr(inner)
    os.close(inner)
    said = until_end(terminal)
    told = {"screens": screens, "last": said, "raw": raw, "restored": before == after}
    print(json.dumps(told | {"exit": os.waitstatus_to_exitcode(status)}))


main(sys.argv[1], sys.argv[2], sys.argv[3:])
