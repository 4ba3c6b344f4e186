"""This machine's network interfaces: which of its addresses to look around from."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

import ifaddr


@dataclass(frozen=True, slots=True)
class Interface:
    """One IPv4 address of one interface."""

    name: str
    address: str


class NoInterface(Exception):  # noqa: N818 (it is an answer to the user)
    """There is no interface of that name or address; the text lists those that there are."""


def interfaces() -> tuple[Interface, ...]:
    """Return every IPv4 address of this machine with its interface's readable name."""
    return tuple(
        Interface(adapter.nice_name, ip.ip)
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if isinstance(ip.ip, str)
    )


def choose(known: Iterable[Interface], wanted: str | None) -> tuple[str, ...]:
    """Return the addresses to look from: all but loopback, or those of ``wanted``.

    ``wanted`` is an interface's name or one of its addresses. Raises ``NoInterface``.
    """
    known = tuple(known)
    if wanted is None:
        chosen = [i.address for i in known if not ipaddress.ip_address(i.address).is_loopback]
    else:
        chosen = [i.address for i in known if wanted in {i.name, i.address}]
    if not chosen:
        there = ", ".join(f"{i.name} ({i.address})" for i in known) or "none"
        raise NoInterface(f"no such network interface: {wanted or 'any'}; there are: {there}")
    return tuple(dict.fromkeys(chosen))
