"""The centre: takes in reports, reasons over time, alerts and shows.

Layers, top down: ``cli``, ``app``, ``web subscriber broker watching notifier``, ``ingest``,
``storage transports``, ``config``, ``domain``, ``clock``. ``domain`` is pure.
"""
