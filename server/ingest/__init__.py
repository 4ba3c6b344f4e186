"""What agents send, on its way into the database: read, screened, committed, and only then acked.

``reading`` makes values of bytes, ``screening`` refuses what will never be right, ``intake`` is the
loop that commits batches.
"""

from server.ingest.intake import Delivery, Ingest

__all__ = ["Delivery", "Ingest"]
