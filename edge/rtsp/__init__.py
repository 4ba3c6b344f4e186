"""RTSP 1.0, RTP and SDP as a camera watcher needs them: pure parsers with a shell around them.

Layers, top down: ``session``, ``handshake``, ``link`` (sockets); then pure and sans-I/O, bytes and
the time in, values out: ``client`` (the state machine), ``replies health``, ``auth rtp``,
``keyframe``, ``sdp``, ``framing``, ``url``.
"""
