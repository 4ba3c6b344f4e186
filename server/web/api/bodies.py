"""What programs send, as the fields of a form: so that one set of checks reads both. Pure."""

from datetime import date
from typing import TypeVar

import msgspec

from server.web.forms import BadInputError

T = TypeVar("T", bound=msgspec.Struct)


def body_of(data: bytes, kind: type[T]) -> T:
    """Return a JSON body. Raises ``BadInputError``."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, RecursionError) as failed:
        raise BadInputError("body", "%(reason)s", reason=str(failed)) from None


def form_of(body: msgspec.Struct) -> dict[str, str]:
    """Return a body as a form says it: true is a ticked box, false and null are no field.

    A tuple is of weekdays: each a box of its own.
    """
    found: dict[str, str] = {}
    for name, value in msgspec.structs.asdict(body).items():
        match value:
            case None | False:
                pass
            case True:
                found[name] = "1"
            case str():
                found[name] = value
            case date():
                found[name] = value.isoformat()
            case int() | float():
                found[name] = f"{value}"
            case tuple():
                found |= {f"d{day}": "1" for day in value}
            case _:
                raise TypeError(f"{name} has no field of a form: {value!r}")
    return found
