"""From the outbox to people: ``wording`` says it, ``sending`` brings it away."""

from server.notifier.sending import Notifier, wait_s

__all__ = ["Notifier", "wait_s"]
