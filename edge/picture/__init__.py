"""One key frame in, what it shows out: the decoder, in a process of its own, and the pure judge."""
