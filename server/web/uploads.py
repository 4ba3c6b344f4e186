"""Forms that carry files or long texts: read part by part, never more than is allowed.

``client_max_size`` of the application holds for small forms; such a form goes around it and counts
its bytes itself.
"""

from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from server.texts.tongue import N_
from server.web.forms import BadInputError


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form: its file's name (empty for plain text) and its bytes."""

    filename: str
    data: bytes

    def text(self) -> str:
        """Return it as text with one kind of line end. Raises ``BadInputError``."""
        try:
            found = self.data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise BadInputError("file", N_("must be valid UTF-8")) from None
        return found.replace("\r\n", "\n")


async def parts(request: web.Request, *, most: int) -> dict[str, Part]:
    """Return the fields of a ``multipart/form-data`` form; the last of a name counts.

    Raises ``BadInputError`` for another kind of form, and for more than ``most`` bytes.
    """
    if request.content_type != "multipart/form-data":
        raise BadInputError("body", N_("must be a form"))
    found: dict[str, Part] = {}
    left = most
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise BadInputError("body", N_("must be a form"))
            data = await _read(part, left)
            left -= len(data)
            found[part.name] = Part(part.filename or "", data)
    except ValueError as broken:
        if isinstance(broken, BadInputError):
            raise
        raise BadInputError("body", N_("must be a form")) from broken
    return found


async def _read(part: BodyPartReader, most: int) -> bytes:
    found = bytearray()
    while chunk := await part.read_chunk():
        found += chunk
        if len(found) > most:
            raise BadInputError(part.name or "body", N_("is too long"))
    return bytes(found)
