"""Ready configuration out of what was found. Pure.

Passwords never stand in it: every address has the user's name and ``${NAME}``.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

import yaml

from edge.onvif.found import Eye, Found
from wire.topics import is_id

_MAX_ID: Final = 48
_HEAD: Final = """\
# Written by "vonggac-edge discover". Before use: the agent's name and the centre's address, and the
# passwords as NAME=value lines in the secrets file (chmod 600), never in here.
"""


def slug(text: str) -> str:
    """Return ``text`` as an id: no marks, lower case, words joined by hyphens; or empty."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_MAX_ID].strip("-")


def cameras(
    found: Iterable[Found], *, user: str, name: str, taken: Iterable[str] = ()
) -> list[dict[str, Any]]:
    """Return ``cameras`` entries for the devices whose streams are known.

    ``name`` is that of the secret that holds the password; ``taken`` ids are not used again.
    """
    ids = set(taken)
    entries = []
    for one in found:
        for number, eye in enumerate(one.eyes, start=1):
            channel = f"-{number}" if len(one.eyes) > 1 else ""
            base = one.name or one.model or "camera"
            camera_id = _free(slug(base) or "camera", channel, one.address, ids)
            ids.add(camera_id)
            entries.append(
                _entry(camera_id, base + channel.replace("-", " "), one, eye, user, name)
            )
    return entries


def _free(base: str, channel: str, address: str, taken: set[str]) -> str:
    last = address.rpartition(".")[2]
    tries = [base + channel, f"{base}-{last}{channel}"]
    tries += [f"{base}-{last}{channel}-{n}" for n in range(2, 1000)]
    return next(one for one in tries if one not in taken and is_id(one))


def _entry(
    camera_id: str, title: str, one: Found, eye: Eye, user: str, name: str
) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": camera_id, "name": title, "url": _url(eye.main.url, user, name)}
    if eye.sub:
        entry["sub_url"] = _url(eye.sub.url, user, name)
    known = {"endpoint": one.endpoint, "mac": one.mac, "serial": one.serial}
    entry["onvif"] = {"url": one.service} | {key: value for key, value in known.items() if value}
    return entry


def _url(url: str, user: str, name: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{quote(user, safe='')}:${{{name}}}@{rest}" if user else url


def as_yaml(
    found: Iterable[Found], entries: list[dict[str, Any]], *, whole: bool, secrets_file: str | None
) -> str:
    """Return a file that an agent can be given (``whole``), or its ``cameras`` alone."""
    content: dict[str, Any] = {"cameras": entries}
    if whole:
        content = {
            "schema": "vonggac.edge/1",
            "agent": "ten-may-truc-cong",
            "secrets_file": secrets_file,
            "centre": {
                "url": "mqtts://trung-tam.example:8883",
                "password": "${VONGGAC_AGENT_PASSWORD}",
            },
            **content,
        }
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1000)
    return _HEAD + text + "".join(map(_remark, (one for one in found if not one.eyes)))


def _remark(one: Found) -> str:
    what = " ".join(filter(None, (one.brand, one.model, one.name))) or one.server or "?"
    return f"# {one.address} ({what}): {one.why or 'its streams are not known'}\n"
