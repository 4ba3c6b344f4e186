"""Builds the server by hand, starts its parts in order and ends them in the reverse.

Order: data folder, store, broker, pages, first account, the loops, and ears last. The end begins
with the ears: no more reports are taken, those that are here are committed and acknowledged (for a
few seconds: what isn't by then was never acknowledged), then the loops end, the store last.
"""

import asyncio
import logging
import secrets
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from ipaddress import ip_address
from typing import Final, Protocol

from aiohttp import web

from server.broker import CENTRE, BrokerError, EmbeddedBroker
from server.changes import Changes
from server.clock import Clock, SystemClock
from server.closing import Closer
from server.commands import Commands
from server.config import Address, Configuration, ServerConfig
from server.config import EmbeddedBroker as EmbeddedConfig
from server.domain.alerting import Limits
from server.ingest import Ingest
from server.notifier import Notifier
from server.relay import Relay
from server.storage import PoisonError, Role, Store, StoreError, hash_password
from server.subscriber import Endpoint, Subscriber
from server.texts.tongue import load
from server.transports import build
from server.watchdog import Watchdog
from server.web import WebDeps, make_app

log = logging.getLogger(__name__)

ADMIN: Final = "admin"
_GRACE_S: Final = 3.0
_READY_S: Final = 2.0


class StartError(Exception):
    """The server can't start; its text is one line for a person."""


async def serve(configuration: Configuration, *, say: Callable[[str], None]) -> None:
    """Run until SIGTERM or SIGINT. ``say`` prints. Raises ``StartError``."""
    async with running(configuration, clock=SystemClock(), say=say) as loops:
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            with suppress(NotImplementedError):  # Windows: Ctrl-C ends asyncio.run itself
                asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        waiter = asyncio.create_task(stopped.wait())
        done, _ = await asyncio.wait([waiter, *loops], return_when=asyncio.FIRST_COMPLETED)
        waiter.cancel()
        for task in done - {waiter}:
            task.result()  # a loop never ends by itself: raise what ended it


@asynccontextmanager
async def running(
    configuration: Configuration, *, clock: Clock, say: Callable[[str], None]
) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Start everything; yield the loops' tasks; end everything. Raises ``StartError``."""
    config = configuration.server
    async with AsyncExitStack() as stack:
        store = await _store(config)
        stack.push_async_callback(store.close)
        endpoint = await _broker(config, store, stack)
        changes = Changes()
        subscriber = Subscriber(endpoint, clock)
        commands = Commands(clock, send=subscriber.send_command)
        deps = WebDeps(
            store=store,
            organisation=configuration.organisation,
            plan=configuration.plan,
            clock=clock,
            config=config,
            changes=changes,
            commands=commands,
        )
        address = await _pages(deps, stack)
        await _first_account(store, clock, say)
        ingest = Ingest(
            store,
            organisation=configuration.organisation,
            clock=clock,
            changes=changes,
            send_ack=subscriber.send_ack,
        )
        watch = _watch(deps, subscriber, stack)
        loops = _loops(stack, {"ingest": ingest, "subscriber": subscriber, **watch})
        await _listen(subscriber, ingest, commands, stack)
        say(f"Vọng Gác: http://{address}  ·  MQTT {endpoint}")
        yield loops


def _watch(deps: WebDeps, subscriber: Subscriber, stack: AsyncExitStack) -> "dict[str, _Part]":
    """Make what looks at the stored facts by itself, without being asked."""
    config = deps.config
    transports = build(config.alerts)
    for transport in transports.values():
        stack.push_async_callback(transport.close)
    watchdog = Watchdog(
        store=deps.store,
        organisation=deps.organisation,
        limits=Limits(
            gate_camera_down_s=config.alerts.gate_camera_down_s,
            agent_silent_s=config.alerts.agent_silent_s,
        ),
        clock=deps.clock,
        changes=deps.changes,
        transports=tuple(transports),
        listening_since=lambda: subscriber.listening_since,
        duty=deps.store.duty("watchdog"),
    )
    notifier = Notifier(
        store=deps.store,
        organisation=deps.organisation,
        transports=transports,
        clock=deps.clock,
        tongue=load(config.language),
        public_url=config.http.public_url,
        duty=deps.store.duty("notifier"),
    )
    relay = Relay(deps.store, changes=deps.changes, clock=deps.clock)
    alone: dict[str, _Part] = {
        "watchdog": watchdog,
        "notifier": notifier,
        "closer": _closer(deps, subscriber),
    }
    return {**alone, "relay": relay} if deps.store.is_postgresql else alone


def _closer(deps: WebDeps, subscriber: Subscriber) -> Closer:
    """Make what closes days and amends them."""
    return Closer(
        store=deps.store,
        organisation=deps.organisation,
        plan=deps.plan,
        clock=deps.clock,
        listening_since=lambda: subscriber.listening_since,
        duty=deps.store.duty("closing"),
        close_after=timedelta(hours=deps.config.figures.close_after_h),
    )


async def _store(config: ServerConfig) -> Store:
    try:
        config.data_dir.mkdir(parents=True, exist_ok=True)
        probe = config.data_dir / f".write-{secrets.token_hex(4)}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StartError(f"can't write in data_dir {config.data_dir}: {error.strerror}") from error
    try:
        return await Store.open(config.database.reveal())
    except StoreError as error:
        raise StartError(str(error)) from error


async def _broker(config: ServerConfig, store: Store, stack: AsyncExitStack) -> Endpoint:
    mqtt = config.mqtt
    if not isinstance(mqtt, EmbeddedConfig):
        return Endpoint(
            host=mqtt.address.host,
            port=mqtt.address.port,
            user=mqtt.user,
            password=mqtt.password.reveal() if mqtt.password else None,
            tls=mqtt.tls,
            ca_file=mqtt.ca_file,
            shared=mqtt.shared,
        )
    broker = EmbeddedBroker(mqtt.listen.host, mqtt.listen.port, secret_fits=store.agent_secret_fits)
    try:
        await broker.start()
    except BrokerError as error:
        raise StartError(str(error)) from error
    stack.push_async_callback(broker.stop)
    if not _is_loopback(mqtt.listen.host):
        log.warning(
            "MQTT on %s is not encrypted: whoever can listen in on this network reads agents'"
            " passwords; use it within one building, or a broker with TLS (configs/mosquitto)",
            mqtt.listen,
        )
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(mqtt.listen.host, mqtt.listen.host)  # noqa: S104 (compared, not bound)
    return Endpoint(host=host, port=broker.port, user=CENTRE, password=broker.password)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _pages(deps: WebDeps, stack: AsyncExitStack) -> Address:
    listen = deps.config.http.listen
    runner = web.AppRunner(make_app(deps), access_log=None, shutdown_timeout=_GRACE_S)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, listen.host, listen.port).start()
    except OSError as error:
        raise StartError(f"HTTP can't listen on {listen}: {error.strerror}") from error
    return Address(host=listen.host, port=runner.addresses[0][1])


async def _first_account(store: Store, clock: Clock, say: Callable[[str], None]) -> None:
    """Make ``admin`` if nobody can sign in yet; its password is shown this once."""
    if await store.count_users():
        return
    password = secrets.token_urlsafe(12)
    encoded = await asyncio.to_thread(hash_password, password)
    try:
        await store.create_user(ADMIN, encoded, now=clock.now(), role=Role.OFFICER)
    except PoisonError:  # another server has made it in the meantime, and has shown it
        return
    lines = (
        "Tài khoản đầu tiên (chỉ hiện một lần, hãy ghi lại)",
        "First account (shown this once, note it down)",
        "",
        f"  tên đăng nhập / user:  {ADMIN}",
        f"  mật khẩu / password:   {password}",
    )
    rule = "─" * 56
    say("\n".join((f"┌{rule}┐", *(f"│ {line:<54} │" for line in lines), f"└{rule}┘")))


class _Part(Protocol):
    """Something that goes on for ever."""

    async def run(self) -> None: ...


def _loops(stack: AsyncExitStack, parts: dict[str, _Part]) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(part.run(), name=name) for name, part in parts.items()]

    async def end() -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    stack.push_async_callback(end)
    return tasks


async def _listen(
    subscriber: Subscriber, ingest: Ingest, commands: Commands, stack: AsyncExitStack
) -> None:
    """Connect; a broker that is ours or near answers at once, others are not waited for."""
    try:
        subscriber.start(ingest.offer, commands.take)
    except OSError as error:
        raise StartError(f"the broker's ca_file can't be used: {error}") from error
    stack.push_async_callback(subscriber.stop)
    stack.push_async_callback(_drain, subscriber, ingest)
    with suppress(TimeoutError):
        await asyncio.wait_for(subscriber.ready(), _READY_S)


async def _drain(subscriber: Subscriber, ingest: Ingest) -> None:
    """Take nothing more, and commit and acknowledge what is here, if the database lets us."""
    await subscriber.hush()
    try:
        await asyncio.wait_for(ingest.drain(), _GRACE_S)
    except TimeoutError:
        log.warning("the last reports were not committed; their agents will send them again")
