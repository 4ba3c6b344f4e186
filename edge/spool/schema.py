"""The tables of a spool's file, and how an older file becomes one.

Each boot has a spool, a number space of its own, which goes by the boot's UUID. ``number`` of
``spools`` and of ``boots`` rises in the order of beginning and means something in this file alone.
``sent_seq`` is the highest number that was ever about to be published, ``last_segment`` the highest
segment number seen (one above it is told for the first time), ``items`` counts what is held.

Of ``items``, ``body`` is sealed (``packing``). ``boot`` is set where an item speaks of another
boot than its spool's own, whose story must then be kept for it. Only of the spool's own segments:
``camera``, ``number``, ``is_open`` (a telling without an end) and ``is_whole`` (the centre was
never sent anything of this segment, so it may give way without a trace but its ``Gap``).
"""

import sqlite3
import uuid
import zlib
from typing import Final

import msgspec

from edge.spool.packing import WORDS, Damage, seal, thing
from wire.messages import BootStory, Segment, Watermark

VERSION: Final = 2
_TABLES: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE spools (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, last_seq INTEGER NOT NULL DEFAULT 0,
  sent_seq INTEGER NOT NULL DEFAULT 0, last_segment INTEGER NOT NULL DEFAULT 0,
  items INTEGER NOT NULL DEFAULT 0);
CREATE TABLE boots (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, spool INTEGER NOT NULL,
  story BLOB NOT NULL, watermark BLOB);
CREATE TABLE items (
  spool INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL, body BLOB NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0, boot INTEGER,
  camera TEXT, number INTEGER, is_open INTEGER, is_whole INTEGER,
  PRIMARY KEY (spool, seq)) WITHOUT ROWID;
CREATE INDEX items_segments ON items (camera, spool, number, is_open, is_whole)
  WHERE number NOT NULL;
CREATE INDEX items_gaps ON items (spool, seq) WHERE kind = 3;
CREATE INDEX items_boots ON items (boot) WHERE boot NOT NULL;
CREATE TABLE events (
  place INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, seq INTEGER NOT NULL,
  accepted_utc_ms INTEGER NOT NULL);
CREATE TABLE reserve (place INTEGER PRIMARY KEY, room BLOB NOT NULL);
CREATE TABLE aside (
  place INTEGER PRIMARY KEY, kind INTEGER NOT NULL, body BLOB NOT NULL, boot INTEGER,
  tries INTEGER NOT NULL, reason TEXT NOT NULL)
"""
_STATEMENTS: Final = tuple(statement.strip() for statement in _TABLES.split(";"))
_V1_TABLES: Final = ("items", "events", "boots", "refused", "meta")
_V1_SPOOL: Final = 1


def bring_up(connection: sqlite3.Connection) -> None:
    """Make the tables within the caller's transaction; rows of an older version move in.

    Raises ``Damage`` if they are this version's and not as they were made.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version >= VERSION:
        _check(connection, version)
        return
    if version == 1:
        for index in ("items_kind", "events_seq"):
            connection.execute(f"DROP INDEX {index}")
        for table in _V1_TABLES:
            connection.execute(f"ALTER TABLE {table} RENAME TO {table}_v1")
    for statement in _STATEMENTS:
        connection.execute(statement)
    if version == 1:
        _take_over_v1(connection)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def agent_sum(agent: str) -> str:
    """Return the checksum that stands beside the agent's name."""
    return str(zlib.crc32(agent.encode()))


def _check(connection: sqlite3.Connection, version: int) -> None:
    """Notice a name that has turned into another by a bit: SQLite would believe it."""
    sql = "SELECT sql FROM sqlite_schema WHERE sql NOT NULL"
    is_ours = sorted(row[0] for row in connection.execute(sql)) == sorted(_STATEMENTS)
    if is_ours and version > VERSION:
        connection.execute(f"PRAGMA user_version = {VERSION}")
    elif not is_ours and version == VERSION:
        raise Damage("its tables are not as they were made")


def _take_over_v1(connection: sqlite3.Connection) -> None:
    """Move version 1's rows: its boots shared one spool, and it didn't note what had been sent."""
    meta = dict(connection.execute("SELECT key, value FROM meta_v1"))
    agent = str(meta["agent"])
    rows = [("agent", agent), ("agent_sum", agent_sum(agent))]
    connection.executemany("INSERT INTO meta VALUES (?, ?)", rows)
    connection.execute(
        "INSERT INTO spools (number, id, last_seq, sent_seq, items)"
        " VALUES (?, ?, ?, ?, (SELECT count(*) FROM items_v1))",
        (_V1_SPOOL, meta["spool"], meta["last_seq"], meta["last_seq"]),
    )
    _take_over_boots(connection)
    _take_over_items(connection)
    for table in _V1_TABLES:
        connection.execute(f"DROP TABLE {table}_v1")


def _take_over_boots(connection: sqlite3.Connection) -> None:
    sql = "SELECT number, id, story, watermark FROM boots_v1 ORDER BY number"
    for number, boot, story, mark in connection.execute(sql).fetchall():
        sealed = seal(msgspec.json.decode(story, type=BootStory))
        sealed_mark = mark and seal(msgspec.json.decode(mark, type=Watermark))
        row = (number, boot, _V1_SPOOL, sealed, sealed_mark)
        connection.execute("INSERT INTO boots VALUES (?, ?, ?, ?, ?)", row)


def _take_over_items(connection: sqlite3.Connection) -> None:
    kinds = {word: kind for kind, word in WORDS.items()}
    boots = dict(connection.execute("SELECT id, number FROM boots"))
    insert = "INSERT INTO items (spool, seq, kind, body, boot) VALUES (?, ?, ?, ?, ?)"
    for seq, word, body in connection.execute("SELECT seq, kind, body FROM items_v1").fetchall():
        kind = kinds[word]
        held = thing(kind, body)
        boot = boots.get(held.boot) if isinstance(held, Segment) else None
        row = (_V1_SPOOL, seq, kind, seal(held, _V1_SPOOL, seq, kind), boot)
        connection.execute(insert, row)
    insert = "INSERT INTO aside (kind, body, tries, reason) VALUES (?, ?, 0, ?)"
    for word, body, reason in connection.execute("SELECT kind, body, reason FROM refused_v1"):
        kind = kinds[word]
        connection.execute(insert, (kind, seal(thing(kind, body), kind), reason))
    insert = "INSERT INTO events (id, seq, accepted_utc_ms) VALUES (?, ?, ?)"
    for event, seq, accepted in connection.execute(
        "SELECT id, seq, accepted_utc_ms FROM events_v1 ORDER BY seq"
    ):
        connection.execute(insert, (uuid.UUID(event).bytes, seq, accepted))
