"""The agent at a school gate: watches cameras and takes gate events, until the centre has them.

Layers, top down: ``cli``, ``agent``, ``watcher gate_input vitals uplink look``,
``rtsp.session spool picture``, ``config``, the pure core (``rtsp`` parsers, ``segments``,
``forwarding``, ``advice``, ``sighting``), ``clock``.
"""
