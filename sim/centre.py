"""What the server tells: its REST API as a reader uses it.

Signs in when it must and keeps the token; every call may fail while the server is down, which is
part of the story: ``CentreError`` then, and the caller asks again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp

from sim.record import Seen
from sim.truth import Piece
from wire.vocabulary import State

_TIMEOUT: Final = aiohttp.ClientTimeout(total=8)
_PAGE: Final = 1000
_SIGN_IN_AGAIN: Final = 401


class CentreError(Exception):
    """The server didn't answer, or not as it should."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """The first login."""

    user: str
    password: str


class Centre:
    """One reader of the API."""

    def __init__(self, url: str, login: Login, http: aiohttp.ClientSession) -> None:
        self._api = f"{url}/api/v1"
        self._login = login
        self._http = http
        self._token: str | None = None

    async def page(self) -> dict[str, Seen]:
        """Return what is shown of every camera now."""
        answer = await self._get("/cameras")
        return {c["id"]: Seen(state=State(c["state"]), cause=c["cause"]) for c in answer["cameras"]}

    async def timeline(self, camera: str, start: datetime, end: datetime) -> tuple[Piece, ...]:
        """Return a camera's timeline over a window (whole seconds)."""
        answer = await self._get(f"/cameras/{camera}/timeline", _span(start, end))
        return tuple(
            Piece(
                state=State(span["state"]),
                cause=span["cause"],
                began_at=datetime.fromisoformat(span["start"]),
                ended_at=datetime.fromisoformat(span["end"]),
            )
            for span in answer["spans"]
        )

    async def gate_events(self, start: datetime, end: datetime) -> list[tuple[str, str]]:
        """Return id and subject of every stored gate event of a window."""
        found: list[tuple[str, str]] = []
        query = _span(start, end) | {"limit": str(_PAGE)}
        while True:
            answer = await self._get("/gate-events", query)
            found += [(event["id"], event["subject"] or "") for event in answer["events"]]
            if not answer["next"]:
                return found
            query["before"] = answer["next"]

    async def _get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        if self._token is None:
            await self._sign_in()
        headers = {"Authorization": f"Bearer {self._token}"}
        return await self._ask("GET", path, params=query or {}, headers=headers)

    async def _sign_in(self) -> None:
        who = {"name": self._login.user, "password": self._login.password}
        answer = await self._ask("POST", "/sessions", json=who)
        self._token = str(answer["token"])

    async def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        try:
            async with self._http.request(
                method, self._api + path, timeout=_TIMEOUT, **more
            ) as answer:
                if answer.status == _SIGN_IN_AGAIN:
                    self._token = None
                if not answer.ok:
                    raise CentreError(f"{path}: {answer.status} {(await answer.text())[:300]}")
                found: dict[str, Any] = await answer.json()
                return found
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise CentreError(f"{path}: {error!r}") from error


def _span(start: datetime, end: datetime) -> dict[str, str]:
    return {
        key: moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
        for key, moment in (("from", start), ("to", end))
    }
