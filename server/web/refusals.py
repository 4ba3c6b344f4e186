"""Why a deed was not done, for its reader: the same words on pages, in the API and in commands."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import web

from server.domain.duties_owed import WrongTurnError
from server.domain.evaluation import WrongStageError
from server.storage import ConflictError
from server.texts import guards, incident_words, yearly
from server.texts.tongue import Tongue
from server.web.deps import TONGUE
from server.web.forms import BadInputError
from server.web.guard import refuse
from server.yearly.files import FileError


class NothingThereError(LookupError):
    """There is no such thing; ``msgid`` says what, for a person."""

    def __init__(self, msgid: str) -> None:
        super().__init__(msgid)
        self.msgid = msgid


Refused = (
    BadInputError | NothingThereError | ConflictError | WrongTurnError | WrongStageError | FileError
)
REFUSALS: Final = (
    BadInputError,
    NothingThereError,
    ConflictError,
    WrongTurnError,
    WrongStageError,
    FileError,
)
"""What a deed may raise for its doer; nothing has changed then."""
_FIELDS: Final = {**incident_words.FIELDS, **guards.FIELDS, **yearly.FIELDS}


def why_not(tongue: Tongue, error: Refused) -> str:
    """Say why a deed was not done, in the reader's language."""
    match error:
        case BadInputError():
            name = tongue.text(_FIELDS.get(error.field, error.field))
            return f"{name}: {tongue.text(error.why, **error.values)}"
        case NothingThereError():
            return tongue.text(error.msgid)
        case ConflictError():
            return tongue.text("Somebody else has changed this meanwhile: look at it again.")
        case WrongTurnError():
            return tongue.text(yearly.TURNS_REFUSED[error.why])
        case WrongStageError():
            return tongue.text(yearly.STEPS_REFUSED[error.why])
        case FileError():
            return tongue.text(yearly.FILES_REFUSED[error.why])


@contextmanager
def refusing(request: web.Request) -> Iterator[None]:
    """Answer what was not done with its reason; bad input is answered by ``guard.errors``."""
    try:
        yield
    except NothingThereError as error:
        raise refuse(404, why_not(request[TONGUE], error)) from error
    except ConflictError as error:
        raise refuse(409, why_not(request[TONGUE], error)) from error
    except (WrongTurnError, WrongStageError, FileError) as error:
        raise refuse(400, why_not(request[TONGUE], error)) from error
