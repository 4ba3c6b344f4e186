"""What agents send, on its way into the database: read, screened, committed, and only then acked.

``waiting`` holds deliveries in two bounded lanes, ``reading`` makes values of bytes, ``screening``
refuses what will never be right, ``batch`` gathers one transaction's worth, ``halving`` finds what
the database refuses, ``intake`` is the loop. See docs/ingest.md.
"""

from server.ingest.intake import Ingest
from server.ingest.waiting import Delivery

__all__ = ["Delivery", "Ingest"]
