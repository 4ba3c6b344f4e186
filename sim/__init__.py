"""A district in a box: drawn cameras over real RTSP, faults, gates, and a story with known truth.

The simulator shares no code with what it tests but ``wire`` (the vocabulary) and the sans-I/O RTSP
parsers of ``edge.rtsp``; agents and server are started as processes, as a school would.
"""
