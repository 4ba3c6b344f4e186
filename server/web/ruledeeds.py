"""Saving the rules of incidents: one way for the page and the API."""

from server.domain.incident.rules import Rules
from server.paging.rules import ALERT_RULES, THE_RULES, load_rules, put_rules
from server.storage import ConflictError
from server.web.writer import Writer


async def save_rules(by: Writer, rules: Rules, *, seen: int) -> None:
    """Write the rules that hold from now on. Raises ``ConflictError`` if ``seen`` is an old one."""
    kept = await load_rules(by.store)
    if seen != kept.revision:
        raise ConflictError(ALERT_RULES, THE_RULES, kept.revision)
    await by.put(put_rules(rules, expected=seen))
    by.changes.publish("incidents")
