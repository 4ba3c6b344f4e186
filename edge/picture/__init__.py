"""One key frame in, what it shows out: the decoder (PyAV, a worker thread) and the pure judge."""
