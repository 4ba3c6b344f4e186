"""A tiny key frame of each codec, for asking the decoder whether it works: a grey ramp.

Made once with libx264 and libx265 (``preset=ultrafast``, ``crf=30``, SEI left out).
"""

import base64
from collections.abc import Mapping
from typing import Final

from edge.rtsp.sdp import Codec

SIZE: Final = (64, 48)

TINY: Final[Mapping[Codec, bytes]] = {
    "h264": base64.b64decode(
        "AAAAAWdCwAraEehAAAADAEAAAAyDxImoAAAAAWjOBHIAAAABZYiEOghgcABAcAAQS0Du7u7u7u7u7hDA4ACAoBCB"
        "3d3d3d3d3dwhgcABAUApA7u7u7u7u7u4QwOAAgKAYgd3d3d3d3d3dbl66661XXg="
    ),
    "h265": base64.b64decode(
        "AAAAAUABDAH//wFgAAADAJAAAAMAAAMAHpWUCQAAAAFCAQEBYAAAAwCQAAADAAADAB6gIIMWWVlSkwuaAgAAAwAC"
        "AAADADIQAAAAAUQBwHPAiQAAAAEoAawlgAq2kyinanXYtU5YpRzQrc9UvA=="
    ),
}
