"""What looks at the stored facts by itself, each the duty of one server at a time."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Protocol

from server.app.opening import StartError
from server.closing import Closer
from server.inspecting.registrar import Registrar
from server.notifier import DeadMan, Pulse, make_emergency, make_notifier
from server.paging.desk import PagingDesk, make_desk
from server.relay import Relay
from server.reports.clerk import Clerk
from server.reports.jobs import Jobs
from server.texts.naming import Names
from server.texts.tongue import load
from server.transports import Tending, Transport, UnusableChannelError, build
from server.watching import Gathering, ListeningSince, Watch
from server.watching.certificates import secured_by
from server.web import WebDeps
from server.yearly.postman import Postman

log = logging.getLogger(__name__)


class Part(Protocol):
    """Something that goes on for ever."""

    async def run(self) -> None:
        """Go on."""


def watch(
    deps: WebDeps,
    stack: AsyncExitStack,
    *,
    listening_since: ListeningSince,
    hearing_since: ListeningSince,
    behind_since: ListeningSince,
    calm: Callable[[], Awaitable[None]],
) -> dict[str, Part]:
    """Make what looks at the stored facts by itself, without being asked.

    ``listening_since`` is about the connection alone, ``hearing_since`` is ``Hearing.since``. (Who
    closes days asks rarely, and looks at its own pauses.) ``behind_since``: when the oldest report
    came that is not yet committed. ``calm`` returns when no report waits.
    """
    config = deps.config
    transports = _ways_out(deps)
    for transport in transports.values():
        stack.push_async_callback(transport.close)
    desk = make_desk(deps.store, lambda: deps.organisation, config)
    watching = _watching(deps, desk, hearing_since)
    alone: dict[str, Part] = {
        "watching": watching,
        "closer": _closer(deps, listening_since),
        "registrar": _registrar(deps, calm),
        "tending": Tending(
            transports=transports, clock=deps.clock, is_mine=deps.store.duty("tending").held
        ),
        "clerk": _clerk(deps, stack, transports.get("email")),
        "postman": _postman(deps, transports.get("email")),
    }
    if config.alerts.dead_man is not None:
        pulse = Pulse(
            store=deps.store,
            listening_since=listening_since,
            behind_since=behind_since,
            looked_at=lambda: watching.looked_at,
        )
        alone["dead man"] = DeadMan(
            config=config.alerts.dead_man, trouble=pulse.trouble, clock=deps.clock
        )
    if deps.store.is_postgresql:
        alone["relay"] = Relay(deps.store, changes=deps.changes, clock=deps.clock)
    return alone | _tellers(deps, watching, desk, transports)


def _tellers(
    deps: WebDeps, watching: Watch, desk: PagingDesk, transports: Mapping[str, Transport]
) -> dict[str, Part]:
    """Make what brings messages to people, also while the database is away."""

    def names() -> Names:
        return Names(deps.organisation, deps.standing.register.names)

    notifier = make_notifier(
        deps.store,
        config=deps.config,
        directory=desk.directory,
        names=names,
        transports=transports,
        clock=deps.clock,
        changes=deps.changes,
    )
    emergency = make_emergency(
        watching.alarm, config=deps.config, names=names, transports=transports, clock=deps.clock
    )
    return {"notifier": notifier, "emergency": emergency}


def _watching(deps: WebDeps, desk: PagingDesk, hearing_since: ListeningSince) -> Watch:
    """Make what turns facts into incidents."""
    alerts = deps.config.alerts
    if alerts.gate_camera_down_s is not None:
        log.warning("alerts.gate_camera_down_s counts for nothing: see the rules on /alerting")
    gathering = Gathering(
        store=deps.store,
        clock=deps.clock,
        data_dir=deps.config.data_dir,
        silent_s=alerts.agent_silent_s,
        channels=tuple(alerts.channels),
        certificates=secured_by(deps.config),
    )
    return Watch(
        store=deps.store,
        standing=deps.standing,
        gathering=gathering,
        directory=desk.directory,
        clock=deps.clock,
        changes=deps.changes,
        listening_since=hearing_since,
        duty=deps.store.duty("watching"),
    )


def _ways_out(deps: WebDeps) -> dict[str, Transport]:
    """Make the channels. Raises ``StartError``."""
    try:
        return build(deps.config.alerts, deps.store)
    except UnusableChannelError as error:
        raise StartError(str(error)) from error


def _clerk(deps: WebDeps, stack: AsyncExitStack, mail: Transport | None) -> Clerk:
    """Make what makes and mails the reports that are due."""
    jobs = Jobs(
        store=deps.store,
        standing=deps.standing,
        clock=deps.clock,
        changes=deps.changes,
        fault_after_s=deps.config.figures.fault_after_s,
    )
    stack.push_async_callback(jobs.close)
    duty = deps.store.duty("reports")
    return Clerk(store=deps.store, jobs=jobs, clock=deps.clock, duty=duty, mail=mail)


def _postman(deps: WebDeps, mail: Transport | None) -> Postman:
    """Make what reminds schools of their papers."""
    return Postman(
        store=deps.store,
        standing=deps.standing,
        clock=deps.clock,
        changes=deps.changes,
        duty=deps.store.duty("reminders"),
        tongue=load(deps.config.language),
        mail=mail,
        setting=deps.config.reminders,
        public_url=deps.config.http.public_url,
    )


def _registrar(deps: WebDeps, calm: Callable[[], Awaitable[None]]) -> Registrar:
    """Make what keeps the fault register and open findings true."""
    return Registrar(
        store=deps.store,
        standing=deps.standing,
        clock=deps.clock,
        changes=deps.changes,
        duty=deps.store.duty("inspecting"),
        least_s=deps.config.figures.fault_after_s,
        calm=calm,
    )


def _closer(deps: WebDeps, listening_since: ListeningSince) -> Closer:
    """Make what closes days and amends them."""
    return Closer(
        store=deps.store,
        standing=deps.standing,
        clock=deps.clock,
        listening_since=listening_since,
        duty=deps.store.duty("closing"),
        close_after=timedelta(hours=deps.config.figures.close_after_h),
    )
