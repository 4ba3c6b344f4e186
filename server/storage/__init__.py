"""The database: what is committed here is kept, what is not was never acknowledged.

One ``Store`` over SQLite (default) or PostgreSQL, by URL. ``rows`` are the values that go in and
out, ``schema`` the tables, ``migrations`` their history; ``writing``, ``reading``, ``incidents``,
``letters`` and others are the store's parts. Only this package imports SQLAlchemy.

Reports take a way of their own: ``commit`` says in ``statements`` what it asks of a database, using
``joining`` (what stands after a batch), ``commit_rows`` (what is written) and ``touching`` (which
past days that changes), all pure; ``commit_sqlite`` and ``commit_postgresql`` drive it.
"""

from server.storage.duty import Duty
from server.storage.errors import PoisonError, StoreError, UnavailableError, UnusableError
from server.storage.incident_rows import (
    Brought,
    ChannelHealth,
    DeliveryRow,
    EngineState,
    IncidentBatch,
    IncidentFilter,
    IncidentRow,
    LetterRow,
    StepRow,
)
from server.storage.passwords import hash_password, verify_password
from server.storage.records import ConflictError, Content, KeptFile, Put, Record
from server.storage.rows import (
    AgentSeen,
    CameraFacts,
    CameraView,
    Deed,
    GateCount,
    GateEventRow,
    Intake,
    Progress,
    RefusalRow,
    Role,
    Session,
    User,
)
from server.storage.store import Store

__all__ = [
    "AgentSeen",
    "Brought",
    "CameraFacts",
    "CameraView",
    "ChannelHealth",
    "ConflictError",
    "Content",
    "Deed",
    "DeliveryRow",
    "Duty",
    "EngineState",
    "GateCount",
    "GateEventRow",
    "IncidentBatch",
    "IncidentFilter",
    "IncidentRow",
    "Intake",
    "KeptFile",
    "LetterRow",
    "PoisonError",
    "Progress",
    "Put",
    "Record",
    "RefusalRow",
    "Role",
    "Session",
    "StepRow",
    "Store",
    "StoreError",
    "UnavailableError",
    "UnusableError",
    "User",
    "hash_password",
    "verify_password",
]
