"""RTSP 1.0, RTP and SDP as a camera watcher needs them: pure parsers with a shell around them.

Layers, top down: ``session``, ``stream``, ``handshake leaving``, ``connect``, ``resolve``, ``link``
(sockets); then pure and sans-I/O, bytes and the time in, values out: ``client`` (bytes),
``conversation`` (the state machine), ``refusals``, ``dialogue`` (one request, its login),
``replies habits channels health``, ``auth rtp``, ``keyframe``, ``sdp``, ``framing``,
``messages``, ``url``.
"""
