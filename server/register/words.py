"""What became of rows, in words."""

from server.domain.flaws import What
from server.register.entries import Row, Trouble
from server.register.importing import Change
from server.register.sheets import SHEET_OF
from server.texts.tongue import Tongue


def place_text(tongue: Tongue, row: Row) -> str:
    """Return where a row stands."""
    return tongue.text("%(sheet)s, row %(number)s", sheet=row.place, number=row.number)


def trouble_text(tongue: Tongue, what: What, trouble: Trouble) -> str:
    """Return what is wrong, beginning with the column's heading."""
    why = tongue.text(trouble.text, **trouble.values)
    return f"{heading(what, trouble.column)}: {why}" if trouble.column else why


def change_text(what: What, change: Change) -> str:
    """Return what changes: the column's heading, before and after."""
    return f"{heading(what, change.column)}: {change.before or '–'} → {change.after or '–'}"


def heading(what: What, key: str) -> str:
    """Return a column's heading by its key."""
    columns = {column.key: column.title for column in SHEET_OF[what].columns}
    return columns.get(key, key)
