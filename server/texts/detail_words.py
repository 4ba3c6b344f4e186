"""The agent's details of pictures, streams, clocks and recordings, as msgids. A pure table.

``details`` makes patterns of them: what stands in ``%(name)s`` is described there.
"""

from typing import Final

from server.texts.tongue import N_

JOINED: Final = (
    N_("the second stream (sub_url): %(rest)s"),
    N_("at its new address %(host)s, formerly %(old)s"),
    N_("%(rest)s; at its new address %(host)s, formerly %(old)s"),
    N_("redirected to %(host)s: %(rest)s"),
    N_("redirected to %(host)s (which is not told our password): %(rest)s"),
    N_("no key frame came whole; %(rest)s"),
)
"""Details that are put together: ``%(rest)s`` and ``%(hint)s`` are details themselves."""

PICTURE: Final = (
    N_("no change but the clock for %(n)s s"),
    N_("a recorder's card instead of a view"),
    N_("the camera shows another view"),
    N_("nothing stays from one picture to the next"),
    N_("all fine detail is gone"),
    N_("fine detail is %(n)s %% weaker than usual"),
    N_("%(n)s %% of the picture is hidden"),
    N_("%(n)s %% of the picture is hidden, upper"),
    N_("%(n)s %% of the picture is hidden, lower"),
    N_("%(n)s %% of the picture is hidden, left"),
    N_("%(n)s %% of the picture is hidden, right"),
    N_("%(n)s %% of the picture is hidden, upper left"),
    N_("%(n)s %% of the picture is hidden, upper right"),
    N_("%(n)s %% of the picture is hidden, lower left"),
    N_("%(n)s %% of the picture is hidden, lower right"),
    N_("the view has turned by %(n)s %% of the picture to the left"),
    N_("the view has turned by %(n)s %% of the picture to the right"),
    N_("the view has turned by %(n)s %% of the picture upwards"),
    N_("the view has turned by %(n)s %% of the picture downwards"),
    N_("grain of %(n)s grey levels"),
    N_("stripes of %(n)s grey levels"),
    N_("%(n)s %% of the rows are smeared"),
    N_("the picture falls into blocks"),
    N_("%(n)s %% of the picture is white"),
    N_("%(n)s %% of the picture is discoloured"),
)
"""What the picture judge says."""

STREAM: Final = (
    N_("%(n)s%% of the packets are missing"),
    N_("%(n)s pictures a second"),
    N_("%(n)s pictures a second of the %(of)s it announces"),
    N_("%(n)s pictures a second; %(asked)s are asked for"),
    N_("%(n)s pictures a second of the %(of)s it announces; %(asked)s are asked for"),
    N_("packets come, but no key frame for %(n)s s"),
    N_("%(n)s packets, but no key frame within %(limit)s s"),
    N_("key frames come, but none comes whole"),
    N_("key frames begin, but none comes whole"),
    N_("no packets, but RTSP still answers: its encoder has stopped"),
    N_("PLAY was accepted, then neither packets nor answers"),
    N_("no stream within %(n)s s"),
    N_("no packet within %(n)s s of PLAY; RTSP still answers"),
    N_("no packet within %(n)s s of PLAY; RTSP no longer answers"),
    N_("the stream ended"),
    N_("the camera closed the connection"),
    N_("the connection timed out"),
    N_("the camera sent us elsewhere while it played"),
)
"""What a stream's packets and key frames say."""

DECODER: Final = (
    N_("the key frame has damaged parts"),
    N_("a picture of %(size)s is no camera's"),
    N_("its picture needs too much memory"),
    N_("not a %(codec)s key frame: %(said)s"),
    N_("no picture in %(n)s bytes of %(codec)s"),
    N_("a %(format)s picture can't be shrunk: %(said)s"),
    N_("a key frame of %(n)s bytes"),
    N_("too many key frames wait for the decoder: this computer is too slow"),
    N_("the decoder is closed"),
    N_("the decoder is being closed"),
    N_("the decoder can't run: it %(ended)s"),
    N_("the decoder can't run: %(rest)s"),
    N_("the decoder %(ended)s on this key frame"),
    N_("the decoder %(ended)s on this key frame, and on those before it"),
    N_("can't be started: %(said)s"),
    N_("did not say hello"),
    N_("gave an answer that is none (%(said)s)"),
    N_("hung (no answer within %(n)s s)"),
    N_("crashed (%(said)s)"),
)
"""Why a key frame gave no picture; ``%(ended)s`` is how the decoder's process ended."""

BESIDE: Final = (
    N_("its clock is %(span)s ahead"),
    N_("its clock is %(span)s behind"),
    N_("its clock is %(n)s h off, as if local time were called UTC: look at its zone"),
    N_("the recorder has no disk"),
    N_("the recorder reports a disk error"),
    N_("the recorder holds nothing of this camera"),
    N_("nothing recorded for %(span)s"),
    N_("kept %(span)s, %(n)s days are asked; older ones are gone"),
)
"""The clock and the recordings; ``%(span)s`` is one of ``SPANS``."""

SPANS: Final = (
    N_("%(n)s days"),
    N_("%(n)s h"),
    N_("%(n)s min"),
    N_("%(n)s s"),
)
"""Spans of time, as the agent rounds them."""
