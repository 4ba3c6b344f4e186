"""Builds the server by hand, starts its parts in order and ends them in the reverse.

``opening`` makes what stands still (store, broker, pages, first account), ``watching`` what looks
at the stored facts by itself, ``hearing`` says since when this server hears, ``running`` puts all
of it together.
"""

from server.app.opening import StartError
from server.app.running import running, serve

__all__ = ["StartError", "running", "serve"]
