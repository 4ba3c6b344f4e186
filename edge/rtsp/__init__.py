"""RTSP 1.0, RTP and SDP as a camera watcher needs them: pure parsers, and one shell (``session``).

Layers, top down: ``session`` (sockets), ``client`` (the state machine), ``auth sdp rtp keyframe``,
``framing``, ``url``. All but ``session`` are sans-I/O: bytes and the time in, values out.
"""
