"""``vonggac-server agent-password``, ``user-password``, ``user-role``: who may come in."""

import argparse
import asyncio
import getpass
import secrets
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final

from server.changes import Changes
from server.cli_desk import Commands
from server.clock import SystemClock
from server.config import Configuration, ExternalBroker
from server.register.cli import CannotError
from server.standing import open_standing
from server.storage import Role, Store, hash_password
from wire.topics import ID_PATTERN, is_id

_AGENT_SECRET_AT_LEAST: Final = 20
_PASSWORD_AT_LEAST: Final = 10
_NAME_AT_MOST: Final = 64

Open = Callable[[Configuration], Awaitable[Store]]


def add_commands(commands: Commands, open_store: Open) -> None:
    """Add the three commands; whoever calls ``open_store`` closes the store."""
    agent = commands.add_parser(
        "agent-password", help="cấp mật khẩu cho máy tính trực cổng / give an agent a new password"
    )
    agent.add_argument("agent", metavar="AGENT")
    agent.add_argument("--stdin", action="store_true", help="read it from standard input")
    agent.set_defaults(act=partial(_agent_password, open_store))
    user = commands.add_parser(
        "user-password", help="đặt mật khẩu người dùng / set or add a user's password"
    )
    user.add_argument("name", metavar="NAME")
    user.add_argument("--stdin", action="store_true", help="read it from standard input")
    user.add_argument(
        "--role", type=Role, choices=list(Role), help="what the user may do; a new one: viewer"
    )
    user.set_defaults(act=partial(_user_password, open_store))
    role = commands.add_parser(
        "user-role",
        help="đặt quyền: viewer chỉ xem, officer được ra lệnh và xem ảnh / viewer may look at"
        " pages, officer may act on cameras and see pictures",
    )
    role.add_argument("name", metavar="NAME")
    role.add_argument("role", type=Role, choices=list(Role))
    role.set_defaults(act=partial(_user_role, open_store))
    for command in (agent, user, role):
        command.add_argument("--config", type=Path, required=True, metavar="FILE")


def _agent_password(
    open_store: Open, configuration: Configuration, options: argparse.Namespace
) -> int:
    if not is_id(options.agent):
        raise CannotError(f"{options.agent!r} is no agent's name (want {ID_PATTERN})")
    secret = sys.stdin.readline().rstrip("\r\n") if options.stdin else secrets.token_urlsafe(32)
    if len(secret) < _AGENT_SECRET_AT_LEAST:
        raise CannotError(f"an agent's password has at least {_AGENT_SECRET_AT_LEAST} characters")
    if not asyncio.run(_store_agent_secret(open_store, configuration, options.agent, secret)):
        _note(f"agent {options.agent} is not in the register yet ({configuration.server.units})")
    if isinstance(configuration.server.mqtt, ExternalBroker):
        _note("this server uses an external broker: give the broker this password too")
    if not options.stdin:
        print(secret)
    return 0


async def _store_agent_secret(
    open_store: Open, configuration: Configuration, agent: str, secret: str
) -> bool:
    """Store it; return whether the register knows such an agent."""
    store, clock = await open_store(configuration), SystemClock()
    try:
        await store.set_agent_secret(agent, secret, now=clock.now())
        keeper = await open_standing(configuration, store, clock=clock, changes=Changes())
        return keeper.standing.organisation.agent(agent) is not None
    finally:
        await store.close()


def _user_password(
    open_store: Open, configuration: Configuration, options: argparse.Namespace
) -> int:
    name = options.name.strip()
    if not 0 < len(name) <= _NAME_AT_MOST or not name.isprintable():
        raise CannotError(f"a user's name has 1 to {_NAME_AT_MOST} printable characters")
    if options.stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass("Mật khẩu mới / new password: ")
        if getpass.getpass("Nhập lại / again: ") != password:
            raise CannotError("the two passwords differ")
    if len(password) < _PASSWORD_AT_LEAST:
        raise CannotError(f"a password has at least {_PASSWORD_AT_LEAST} characters")
    asyncio.run(_store_password(open_store, configuration, name, password, options.role))
    return 0


async def _store_password(
    open_store: Open, configuration: Configuration, name: str, password: str, role: Role | None
) -> None:
    store = await open_store(configuration)
    try:
        now = SystemClock().now()
        encoded = hash_password(password)
        await store.set_password(name, encoded, now=now, role=role or Role.VIEWER)
        if role is not None:
            await store.set_role(name, role)
    finally:
        await store.close()


def _user_role(open_store: Open, configuration: Configuration, options: argparse.Namespace) -> int:
    if not asyncio.run(_store_role(open_store, configuration, options.name.strip(), options.role)):
        raise CannotError(f"there is no user {options.name!r}; add one with user-password")
    return 0


async def _store_role(
    open_store: Open, configuration: Configuration, name: str, role: Role
) -> bool:
    store = await open_store(configuration)
    try:
        return await store.set_role(name, role)
    finally:
        await store.close()


def _note(text: str) -> None:
    print(f"vonggac-server: {text}", file=sys.stderr)
