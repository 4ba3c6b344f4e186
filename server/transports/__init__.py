"""The ways by which a message leaves: one file per way, all with the same signature.

``BUILDERS`` is the table; ``build`` takes from it what the configuration names.
"""

from collections.abc import Callable

from server.config import Alerts
from server.transports.email import EmailTransport
from server.transports.message import Attachment, GiveUpError, Message, RetryError, Transport
from server.transports.webhook import WebhookTransport

__all__ = ["BUILDERS", "Attachment", "GiveUpError", "Message", "RetryError", "Transport", "build"]

BUILDERS: dict[str, Callable[[Alerts], Transport | None]] = {
    "email": lambda alerts: EmailTransport(alerts.email) if alerts.email else None,
    "webhook": lambda alerts: WebhookTransport(alerts.webhook) if alerts.webhook else None,
}


def build(alerts: Alerts) -> dict[str, Transport]:
    """Return the transports that are configured, by name."""
    made = {name: builder(alerts) for name, builder in BUILDERS.items()}
    return {name: transport for name, transport in made.items() if transport is not None}
