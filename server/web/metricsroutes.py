"""``/metrics``: off unless configured; then for who has the token or, without one, this machine.

Behind a proxy on this machine every request comes from it. So without a token only what was plainly
asked here is answered: over loopback, for a loopback name (else any page could ask through its
reader's browser, by a name of its own that leads here), with no sign of a proxy. A centre that is
reached from outside (``public_url``) must have a token: its proxy may leave no sign.
"""

import asyncio
import hmac
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from aiohttp import HttpVersion11, web

from server.config import Metrics
from server.domain.calendar import local_date
from server.domain.dayrow import PER_PLACE
from server.domain.incident.model import Severity
from server.domain.liveness import PresenceKind
from server.domain.points import Met
from server.metrics import CONTENT_TYPE, CameraSight, ChannelSight, Sight, page
from server.storage import StoreError
from server.web.deps import DEPS, WebDeps
from server.web.pages.looks import Survey
from server.web.readings import READINGS
from wire.vocabulary import State

_DAY: Final = timedelta(days=1)
_WITHIN_S: Final = 7.0
"""Prometheus waits ten seconds: a database that does not answer by then must still be a figure."""
_OF_PROXIES: Final = ("forwarded", "x-forwarded", "x-real-ip", "x-original", "via")
"""How headers begin that only a proxy writes."""


async def get_metrics(request: web.Request) -> web.Response:
    """Answer a scrape; a database that is away is a figure, not an error."""
    deps = request.app[DEPS]
    setting = deps.config.http.metrics
    if setting is None:
        raise web.HTTPNotFound
    if not _may(request, setting):
        raise web.HTTPForbidden
    now = deps.clock.now()
    try:
        async with asyncio.timeout(_WITHIN_S):
            survey = await request.app[READINGS].district()
            sight = sight_of(survey, await _channels(deps, now), now=now, each=setting.per_camera)
    except (StoreError, TimeoutError):
        sight = None
    body = await asyncio.to_thread(page, deps.meter, sight, now)  # 60 ms with 5,000 cameras in it
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})


def _may(request: web.Request, setting: Metrics) -> bool:
    if setting.token is None:
        return (
            _is_here(request.remote)
            and _is_here(_asked_for(request))
            and not _is_passed_on(request)
        )
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    fits = hmac.compare_digest(given.strip().encode(), setting.token.reveal().encode())
    return fits and scheme.lower() == "bearer"


def _asked_for(request: web.Request) -> str:
    """Return the name by which this server was asked, without its port."""
    try:
        return urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        return ""


def _is_passed_on(request: web.Request) -> bool:
    """Tell whether a proxy shows; nginx speaks HTTP/1.0 where nobody told it otherwise."""
    told = any(n.lower().startswith(_OF_PROXIES) for n in request.headers)
    return told or request.version < HttpVersion11


def _is_here(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


async def _channels(deps: WebDeps, now: datetime) -> dict[str, ChannelSight]:
    """Return how the configured channels do; others would be labels without bounds."""
    waiting = await deps.store.letters_waiting(now)
    given_up = await deps.store.letters_given_up(now - _DAY, now)
    health = await deps.store.channel_health()
    found = {}
    for name in deps.config.alerts.channels:
        letters, how = waiting.get(name), health.get(name)
        found[name] = ChannelSight(
            waiting=0 if letters is None else letters.letters,
            oldest_at=None if letters is None else letters.oldest_at,
            given_up=given_up.get(name, 0),
            failing_since=None if how is None else how.failing_since,
        )
    return found


def sight_of(
    survey: Survey, channels: dict[str, ChannelSight], *, now: datetime, each: bool
) -> Sight:
    """Return a survey as figures; every word of a label's set is there, if only with 0."""
    cameras = survey.cameras
    heard = (a.seen.last_report_at for a in survey.agents if a.seen is not None)
    open_now = [row for row in survey.incidents if row.incident.closed_at is None]
    untaken = (row for row in open_now if row.acknowledged_at is None)
    return Sight(
        agents=_counts(PresenceKind, (a.presence.kind for a in survey.agents)),
        cameras=_counts(State, (c.live.state for c in cameras)),
        places=_places(survey),
        yesterday=_yesterday(survey, now),
        incidents=_counts(Severity, (row.incident.severity for row in open_now)),
        untaken=_counts(Severity, (row.incident.severity for row in untaken)),
        channels=channels,
        newest_report_at=max((at for at in heard if at is not None), default=None),
        each=tuple(
            CameraSight(camera=c.camera.id, school=c.school.id, zone=c.zone.id, state=c.live.state)
            for c in cameras
        )
        if each
        else (),
    )


def _counts(words: type[PresenceKind | State | Severity], found: Iterable[str]) -> dict[str, int]:
    counted = Counter(found)
    return {word: counted[word] for word in words}


def _places(survey: Survey) -> dict[str, int]:
    sums = survey.sums
    return {
        Met.MET: sums.certain,
        Met.CANNOT_TELL: sums.possible - sums.certain,
        Met.NOT_MET: sums.required - sums.possible,
    }


def _yesterday(survey: Survey, now: datetime) -> dict[str, int]:
    day = local_date(now) - _DAY
    rows = [row for look in survey.schools for row in look.past if row.day == day]
    parts = [sum(sum(row.places[part::PER_PLACE]) for row in rows) for part in range(PER_PLACE)]
    return dict(zip((Met.MET, Met.NOT_MET, Met.CANNOT_TELL), parts, strict=True))
