"""The tokens by which an app acts for a Zalo Official Account.

An access token lives 25 hours. It comes with a refresh token that is good for one use and three
months: each renewal gives the next, and whoever loses it must ask the account's owner anew. So a
renewal, once begun, is finished and written down even if whoever needed it is cancelled; it is
written before it is used; and it is done from time to time although nobody sends (``tend``). What
remains is a crash between Zalo's answer and our commit, milliseconds.

Several servers, and two channels of one app, share the tokens: they lie in the database under a
name made of the app and the first refresh token, with a version. Who is refused a renewal looks
whether somebody else has renewed meanwhile.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlencode

import msgspec

from server.config import ZaloAccount
from server.transports.http import Answer, Poster, whole_number
from server.transports.message import RetryError

_SPARE: Final = timedelta(hours=1)
_TEND_BEFORE: Final = timedelta(hours=12)
_USUAL_LIFE_S: Final = 90_000
_LONGEST_LIFE_S: Final = 7 * 86_400
_PATIENCE_S: Final = 60.0
"""An answer that is not waited for takes the next refresh token with it."""
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


class Keepsakes(Protocol):
    """A few small values that outlive this process, each with a version."""

    async def keepsake(self, name: str) -> tuple[int, bytes] | None:
        """Return the version (from 1) and the value; None if there is none."""
        ...

    async def keep(self, name: str, value: bytes, *, expected: int) -> bool:
        """Write the version after ``expected`` (0: the first); False if another has been first."""
        ...


class _Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """What Zalo gave; ``expires_at`` is the access token's."""

    access: str
    refresh: str
    expires_at: datetime

    def __repr__(self) -> str:
        return "_Tokens(***)"


@dataclass(frozen=True, slots=True)
class _Kept:
    """The tokens as they lie in the database; version 0: they don't yet."""

    version: int
    tokens: _Tokens


class ZaloTokens:
    """One account's tokens. Safe to share between channels."""

    def __init__(self, account: ZaloAccount, keepsakes: Keepsakes) -> None:
        self._account = account
        self._keepsakes = keepsakes
        self._http = Poster(timeout_s=_PATIENCE_S)
        self._name = name_of(account)
        self._one = asyncio.Lock()
        self._unwritten: _Kept | None = None
        self._renewing: set[asyncio.Task[str]] = set()

    async def access(self, now: datetime, *, refused: str = "") -> str:
        """Return an access token. ``refused``: one that Zalo no longer takes.

        Raises ``RetryError``.
        """
        return await self._shielded(now, refused=refused, spare=_SPARE)

    async def tend(self, now: datetime) -> None:
        """Renew before nobody can any more; to be called some times a day. Raises as ``access``."""
        await self._shielded(now, refused="", spare=_TEND_BEFORE)

    async def close(self) -> None:
        """Finish the renewals that have begun, and close the connections."""
        await asyncio.gather(*self._renewing, return_exceptions=True)
        await self._http.close()

    async def _shielded(self, now: datetime, *, refused: str, spare: timedelta) -> str:
        """Go on to the end even if the caller is cancelled."""
        task = asyncio.create_task(self._access(now, refused=refused, spare=spare))
        self._renewing.add(task)
        task.add_done_callback(self._renewing.discard)
        return await asyncio.shield(task)

    async def _access(self, now: datetime, *, refused: str, spare: timedelta) -> str:
        async with self._one:
            kept = await self._kept()
            fresh = kept.tokens.expires_at - now > spare and kept.tokens.access != refused
            return kept.tokens.access if fresh else (await self._renew(kept, now)).tokens.access

    async def _kept(self) -> _Kept:
        """Return the newest tokens; what could not be written when it came is written now."""
        if self._unwritten is not None:
            await self._write(self._unwritten)
        found = await self._keepsakes.keepsake(self._name)
        if found is None:
            first = self._account.refresh_token.reveal()
            return _Kept(0, _Tokens(access="", refresh=first, expires_at=_LONG_AGO))
        version, value = found
        return _Kept(version, msgspec.json.decode(value, type=_Tokens))

    async def _renew(self, kept: _Kept, now: datetime) -> _Kept:
        answer = await self._ask(kept.tokens.refresh)
        tokens = _tokens(answer, now)
        if tokens is None:
            newer = await self._kept()
            if newer.version != kept.version:  # another server was first, and holds the next
                return newer
            raise RetryError(_refusal(answer))
        renewed = _Kept(kept.version + 1, tokens)
        self._unwritten = renewed
        await self._write(renewed)
        return renewed

    async def _write(self, kept: _Kept) -> None:
        value = msgspec.json.encode(kept.tokens)
        await self._keepsakes.keep(self._name, value, expected=kept.version - 1)
        self._unwritten = None

    async def _ask(self, refresh: str) -> Answer:
        form = {
            "refresh_token": refresh,
            "app_id": self._account.app_id,
            "grant_type": "refresh_token",
        }
        return await self._http.post(
            f"{self._account.login_server}/v4/oa/access_token",
            data=urlencode(form).encode(),
            headers={**_FORM, "secret_key": self._account.app_secret.reveal()},
        )


_LONG_AGO: Final = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def name_of(account: ZaloAccount) -> str:
    """Return under which name an account's tokens are kept; a new first token is a new name."""
    told = f"{account.app_id}:{account.refresh_token.reveal()}".encode()
    return f"zalo/{hashlib.sha256(told).hexdigest()[:32]}"


def _tokens(answer: Answer, now: datetime) -> _Tokens | None:
    said: dict[str, Any] = answer.said if isinstance(answer.said, dict) else {}
    access, refresh = said.get("access_token"), said.get("refresh_token")
    if not (isinstance(access, str) and isinstance(refresh, str) and access and refresh):
        return None
    life_s = min(whole_number(said, "expires_in") or _USUAL_LIFE_S, _LONGEST_LIFE_S)
    return _Tokens(access=access, refresh=refresh, expires_at=now + timedelta(seconds=life_s))


def _refusal(answer: Answer) -> str:
    """Say why there is no token; Zalo's own text is left out, for it may repeat ours."""
    number = whole_number(answer.said, "error")
    if number is None:
        return f"Zalo's login server answered HTTP {answer.status} without a token"
    return f"Zalo renews no token (error {number}); the account's owner may have to authorise anew"
