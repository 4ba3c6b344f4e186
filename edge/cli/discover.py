"""``vonggac-edge discover``: which cameras there are, and ready configuration for them."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from edge.advice import Language
from edge.cli.common import (
    CANNOT,
    UsageError,
    add_language_option,
    ask_password,
    language_of,
    loop_factory,
    secret_values,
)
from edge.cli.discovered import show
from edge.clock import SystemClock
from edge.config import EdgeConfig, load
from edge.onvif.answers import CLOCK, DETAILS, Answer, Ask, Login, Target
from edge.onvif.found import Found, learned, placed, together
from edge.onvif.identity import Configured, absent
from edge.onvif.interfaces import NoInterface, choose, interfaces
from edge.onvif.multicast import GROUP, discover
from edge.onvif.neighbours import neighbours
from edge.onvif.sadp import SADP
from edge.onvif.suggest import as_yaml, cameras
from edge.onvif.sweep import BadSubnet, hosts_of, sweep
from edge.onvif.worker import answers_to
from edge.redact import Secret, redact

_ASKING: Final[dict[Language, str]] = {
    "vi": "đang hỏi {} thiết bị",
    "en": "asking {} devices",
}
_EPILOG: Final = (
    "With --user, each camera is sent the password once; one that refuses it is said, and not "
    "asked again. The password is ${CAMERA_PASSWORD} (see --password-name) of the secrets file "
    "or the environment, or is asked for with --prompt."
)


def add(commands: Any) -> None:
    """Add the command."""
    discover_ = commands.add_parser(
        "discover",
        help="find the cameras of the network",
        description="Find cameras by WS-Discovery over every interface, and in a subnet if asked. "
        "Exit code: 0 found some, 1 found none, 64 bad usage.",
        epilog=_EPILOG,
    )
    option = discover_.add_argument
    option("--interface", metavar="I", help="only this one, by name or address")
    option("--subnet", metavar="CIDR", help="also look at the ports of a subnet, at most /22")
    option("--seconds", type=float, default=4, metavar="S", help="how long answers are awaited")
    option("--user", metavar="U", help="log in to each camera, once, to learn its streams")
    option("--prompt", action="store_true", help="ask for the password")
    option("--secrets-file", type=Path, metavar="FILE", help="NAME=value lines")
    option("--password-name", default="CAMERA_PASSWORD", metavar="NAME", help="the secret's name")
    option("--config", type=Path, metavar="FILE", help="compare with an agent's configuration")
    option("--yaml", action="store_true", help="write an agent's configuration")
    option("--json", action="store_true", help="print one JSON object")
    add_language_option(discover_)
    option("--probe-target", help=argparse.SUPPRESS)  # tests stay on loopback
    discover_.set_defaults(act=_discover)


def _discover(options: argparse.Namespace) -> int:
    login = _login(options)
    config = load(options.config) if options.config else None
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        found = runner.run(_look(options, login))
    configured = _configured(config) if config else ()
    if config:
        found = placed(found, configured)
    missing = absent(configured, [one.camera for one in found])
    if options.json:
        print(_as_json(found, missing))
    elif options.yaml:
        print(_as_yaml(options, found, config), end="")
    else:
        show(found, missing, language_of(options))
    return 0 if found else CANNOT


def _login(options: argparse.Namespace) -> Login | None:
    if not options.user:
        if options.prompt:
            raise UsageError("--prompt needs --user")
        return None
    if options.prompt:
        password = ask_password(options.user, language_of(options))
    else:
        password = Secret(secret_values(options).get(options.password_name, ""))
    if not password:
        why = f"no password: set {options.password_name} in the secrets file, or use --prompt"
        raise UsageError(why)
    return Login(user=options.user, password=password.reveal())


async def _look(options: argparse.Namespace, login: Login | None) -> tuple[Found, ...]:
    """Discover, sweep and ask."""
    clock, hosts, addresses = SystemClock(), _hosts(options), _addresses(options)
    _say(f"WS-Discovery: {', '.join(addresses)}, {options.seconds:g} s")
    matches = await discover(
        addresses,
        clock=clock,
        seconds=options.seconds,
        target=_target(options.probe_target),
        sadp=None if options.probe_target else SADP,
        hear_group=True,
        on_failed=lambda address, error: _say(f"{address}: {error.strerror or error}"),
    )
    swept = await sweep(hosts, clock=clock, on_progress=_progress()) if hosts else ()
    found = together(matches, swept)
    if asks := _asks(found, login):
        _say(_ASKING[language_of(options)].format(len(asks)))
    answers = {answer.key: answer for answer in await answers_to(asks)}
    secrets = [Secret(login.password)] if login else []
    return _learn(found, answers, secrets)


def _asks(found: Sequence[Found], login: Login | None) -> tuple[Ask, ...]:
    return tuple(
        Ask(key=one.service, url=one.service, wants=(CLOCK, DETAILS), login=login)
        for one in found
        if one.service
    )


def _learn(
    found: Sequence[Found], answers: dict[str, Answer], secrets: Sequence[Secret]
) -> tuple[Found, ...]:
    macs = neighbours()
    known = (learned(one, answers.get(one.service), macs) for one in found)
    # A camera may say anything, so what it says is cleaned of what it should not know.
    return tuple(msgspec.structs.replace(one, why=redact(one.why, secrets)) for one in known)


def _hosts(options: argparse.Namespace) -> tuple[str, ...]:
    try:
        return hosts_of(options.subnet) if options.subnet else ()
    except BadSubnet as error:
        raise UsageError(str(error)) from error


def _addresses(options: argparse.Namespace) -> tuple[str, ...]:
    if not 0 < options.seconds <= 60:  # noqa: PLR2004
        raise UsageError("--seconds is over 0 and at most 60")
    try:
        return choose(interfaces(), options.interface)
    except NoInterface as error:
        raise UsageError(str(error)) from error


def _target(text: str | None) -> tuple[str, int]:
    if text is None:
        return GROUP
    host, _, port = text.rpartition(":")
    return host, int(port)


def _configured(config: EdgeConfig) -> tuple[Configured, ...]:
    return tuple(
        Configured(
            id=camera.id,
            host=camera.url.host,
            target=Target(
                endpoint=camera.onvif.endpoint, mac=camera.onvif.mac, serial=camera.onvif.serial
            )
            if camera.onvif
            else Target(),
        )
        for camera in config.cameras
    )


def _as_json(found: Sequence[Found], missing: Sequence[str]) -> str:
    devices = [msgspec.to_builtins(one) for one in found]
    return json.dumps({"devices": devices, "missing": list(missing)}, ensure_ascii=False)


def _as_yaml(options: argparse.Namespace, found: Sequence[Found], config: EdgeConfig | None) -> str:
    """A whole file, or for a configuration that there is, what it lacks."""
    lacks = [one for one in found if one.camera is None]
    taken = [camera.id for camera in config.cameras] if config else []
    entries = cameras(lacks, user=options.user or "", name=options.password_name, taken=taken)
    secrets_file = str(options.secrets_file) if options.secrets_file else None
    return as_yaml(lacks, entries, whole=config is None, secrets_file=secrets_file)


def _progress() -> Callable[[int, int], None]:
    """Say on standard error how far a sweep is, every tenth of the way."""
    said = 0

    def progress(done: int, total: int) -> None:
        nonlocal said
        if done * 10 // total > said:
            said = done * 10 // total
            _say(f"subnet: {done}/{total}")

    return progress


def _say(text: str) -> None:
    print(f"vonggac-edge: {text}", file=sys.stderr, flush=True)
