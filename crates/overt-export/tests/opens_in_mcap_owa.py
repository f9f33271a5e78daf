"""Opens an OWAMcap with its own reader and prints what is in it, as JSON.

Argument: the file. Every message is decoded by the registered class of its type; one that falls back to a
dictionary, or that the class refuses, ends this.
"""

import hashlib
import json
import sys
import warnings

from mcap_owa.highlevel import OWAMcapReader
from owa.core import MESSAGES

warnings.simplefilter("error")


def picture(message, file):
    """Size and digest of the pixels that a screen message refers to."""
    pixels = message.resolve_relative_path(file).to_rgb_array()
    size = [pixels.shape[1], pixels.shape[0]]
    if message.media_ref.pts_ns is not None:
        return {"size": size, "mean": float(pixels.mean())}
    return {"size": size, "rgb": hashlib.sha256(pixels.tobytes()).hexdigest()}


def main(file):
    found = []
    with OWAMcapReader(file) as reader:
        assert sorted(reader.topics) == ["keyboard", "mouse", "screen", "window"], reader.topics
        for message in reader.iter_messages():
            assert isinstance(message.decoded, MESSAGES[message.message_type]), message.message_type
            value = message.decoded.model_dump(exclude_none=True, exclude={"frame_arr"}, mode="json")
            told = {"topic": message.topic, "at": message.timestamp, "value": value}
            if message.topic == "screen":
                told["picture"] = picture(message.decoded, file)
            found.append(told)
    json.dump(found, sys.stdout)


main(sys.argv[1])
