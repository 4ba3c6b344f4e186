"""What the server stands on: its folder, store, broker, pages, and somebody who may sign in."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import AsyncExitStack
from ipaddress import ip_address
from typing import Final

from aiohttp import web

from server.broker import BrokerError, EmbeddedBroker
from server.changes import Changes
from server.clock import Clock
from server.config import Address, ConfigError, Configuration, ServerConfig
from server.config import EmbeddedBroker as EmbeddedConfig
from server.standing import Keeper, open_standing
from server.storage import PoisonError, Role, Store, StoreError, hash_password
from server.subscriber import Endpoint, Feed, MqttFeed
from server.web import WebDeps, make_app

log = logging.getLogger(__name__)

ADMIN: Final = "admin"
_GRACE_S: Final = 3.0


class StartError(Exception):
    """The server can't start; its text is one line for a person."""


async def open_store(config: ServerConfig) -> Store:
    """Open the database, and the data folder beside it. Raises ``StartError``."""
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


async def find_standing(
    configuration: Configuration, store: Store, clock: Clock, changes: Changes
) -> Keeper:
    """Take the files in, and return what keeps the register and the plan. Raises ``StartError``."""
    try:
        return await open_standing(configuration, store, clock=clock, changes=changes)
    except (StoreError, ConfigError) as error:
        raise StartError(str(error)) from error


async def find_broker(
    config: ServerConfig, store: Store, stack: AsyncExitStack
) -> tuple[Feed, Address]:
    """Return how agents are heard, and where their broker is, which is started if it is ours.

    Raises ``StartError``.
    """
    mqtt = config.mqtt
    if not isinstance(mqtt, EmbeddedConfig):
        endpoint = Endpoint(
            host=mqtt.address.host,
            port=mqtt.address.port,
            user=mqtt.user,
            password=mqtt.password.reveal() if mqtt.password else None,
            tls=mqtt.tls,
            ca_file=mqtt.ca_file,
            shared=mqtt.shared,
        )
        return MqttFeed(endpoint), mqtt.address
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
    return broker.centre, Address(host=mqtt.listen.host, port=broker.port)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def open_pages(deps: WebDeps, stack: AsyncExitStack) -> Address:
    """Serve the pages; return where. Raises ``StartError``."""
    listen = deps.config.http.listen
    runner = web.AppRunner(make_app(deps), access_log=None, shutdown_timeout=_GRACE_S)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, listen.host, listen.port).start()
    except OSError as error:
        raise StartError(f"HTTP can't listen on {listen}: {error.strerror}") from error
    return Address(host=listen.host, port=runner.addresses[0][1])


async def first_account(store: Store, clock: Clock, say: Callable[[str], None]) -> None:
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
