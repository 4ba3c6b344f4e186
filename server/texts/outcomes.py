"""What came of an attempt to send, in the reader's language.

Transports say it in English, and so it is kept. What is not known here (a newer transport's, an
operating system's own words) shows as it is.
"""

import re
from typing import Final

from server.texts.tongue import N_, Tongue

_FRAMES: Final = tuple(
    (re.compile(pattern), msgid)
    for pattern, msgid in (
        (r"taken by (?P<who>\S+)", N_("taken by %(who)s")),
        (
            r"taken by (?P<who>\S+), but not (?P<whom>.+)",
            N_("taken by %(who)s, but not %(whom)s"),
        ),
        (r"message (?P<number>\d+)", N_("message %(number)s")),
        (r"no answer: (?P<what>.+)", N_("no answer (%(what)s)")),
        (r"unexpected: (?P<what>.+)", N_("an unexpected fault (%(what)s)")),
        (r"no (?P<name>\S+) is configured", N_("channel %(name)s is no longer configured")),
        (r"Zalo error (?P<number>-?\d+): (?P<why>.+)", N_("Zalo error %(number)s: %(why)s")),
        (r"Zalo error (?P<number>-?\d+)", N_("Zalo error %(number)s")),
        (
            r"Zalo's login server answered HTTP (?P<status>\d+) without a token",
            N_("Zalo's login server gives no token (HTTP %(status)s)"),
        ),
        (
            r"Zalo renews no token \(error (?P<number>-?\d+)\).*",
            N_(
                "Zalo renews no token (error %(number)s); the account's owner may have to"
                " authorise anew"
            ),
        ),
        (r"HTTP (?P<status>\d+): (?P<why>.+)", N_("HTTP %(status)s: %(why)s")),
        (
            r"Apprise took longer than (?P<seconds>\S+) s",
            N_("Apprise took longer than %(seconds)s s"),
        ),
        (r"Apprise failed \((?P<what>.+)\)", N_("Apprise failed (%(what)s)")),
        (r"every address was refused: (?P<whom>.+)", N_("every address was refused: %(whom)s")),
        (
            r"the addresses were not taken now: (?P<whom>.+)",
            N_("the addresses were not taken now: %(whom)s"),
        ),
        (
            r"the mail server refuses the password \((?P<code>\d+)\)",
            N_("the mail server refuses the password (%(code)s)"),
        ),
        (r"the mail server said (?P<code>\d+)", N_("the mail server said %(code)s")),
        (
            r"the mail server can't be reached: (?P<what>.+)",
            N_("the mail server can't be reached: %(what)s"),
        ),
        (
            r"there is no template for '(?P<name>.+)', and none called default",
            N_("there is no ZNS template for '%(name)s', and none called default"),
        ),
    )
)

SENTENCES: Final = frozenset(
    {
        N_("Apprise does not take this address"),
        N_("Apprise failed"),
        N_("Apprise still hangs in earlier messages"),
        N_("Telegram refuses the bot's token"),
        N_("Zalo does not take this user id, or this text"),
        N_("a parameter does not fit the template"),
        N_("an address can't stand in a mail"),
        N_("no address: neither the receiver nor the channel has one"),
        N_("no chat: neither the receiver nor the channel names one"),
        N_("the ZNS account has no money"),
        N_("the Zalo Cloud account has no money"),
        N_("the account may not use this template"),
        N_("the account's quota is used up"),
        N_("the address can't be used"),
        N_("the chat is unknown, or has blocked the bot"),
        N_("the day's quota of ZNS is used up"),
        N_("the day's quota of this template is used up"),
        N_("the receiver has no Zalo user id"),
        N_("the receiver has no address for this channel"),
        N_("the receiver has no telephone number"),
        N_("the receiver's address is no Vietnamese telephone number"),
        N_("the template's parameters are missing"),
        N_("the text is too long"),
        N_("there is no Zalo account for this number"),
        N_("this Zalo account can't take ZNS"),
        N_("this is no telephone number"),
        N_("this person does not follow the Official Account"),
        N_("this person does not want notifications of this account"),
        N_("this person does not want such messages"),
        N_("this person does not want such notifications"),
        N_("this person has blocked the Official Account"),
        N_("this person has had as many as Zalo allows"),
        N_("this person has not written to the Official Account for a week; use zalo_zns"),
        N_("this person has not written to the Official Account of late; use zalo_zns"),
        N_("this person's Zalo account is locked or idle"),
        N_("this person's Zalo takes no ZNS"),
        N_("this template is not sent at night"),
        N_("too many calls a minute"),
    }
)


def outcome_told(tongue: Tongue, told: str) -> str:
    """Return what a transport told, in words of the reader's language as far as it is known."""
    if told in SENTENCES:
        return tongue.text(told)
    for pattern, msgid in _FRAMES:
        match = pattern.fullmatch(told)
        if match is not None:
            values = match.groupdict()
            return tongue.text(msgid, **{n: outcome_told(tongue, v) for n, v in values.items()})
    return told
