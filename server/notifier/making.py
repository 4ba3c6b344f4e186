"""The notifier, put together by hand."""

from collections.abc import Awaitable, Callable, Mapping

from server.changes import Changes
from server.clock import Clock
from server.config import Alerts, ServerConfig
from server.domain.paging.directory import Directory
from server.notifier.notifier import Notifier
from server.notifier.postman import Postman
from server.notifier.speaking import Speaker
from server.storage import Store
from server.texts.naming import Names
from server.texts.tongue import LANGUAGES, load
from server.transports import Transport


def make_notifier(
    store: Store,
    *,
    config: ServerConfig,
    directory: Callable[[], Awaitable[Directory]],
    names: Callable[[], Names],
    transports: Mapping[str, Transport],
    clock: Clock,
    changes: Changes,
) -> Notifier:
    """Return what tells people. It holds the duty ``notifier``."""
    duty = store.duty("notifier")
    speaker = Speaker(
        tongues={code: load(code) for code in LANGUAGES},
        fallback=config.language if config.language in LANGUAGES else LANGUAGES[0],
        names=names,
        public_url=config.http.public_url,
    )
    postman = Postman(
        store=store,
        directory=directory,
        speaker=speaker,
        transports=transports,
        per_minute=limits_of(config.alerts),
        machines=frozenset(n for n, c in config.alerts.channels.items() if c.is_for_machines),
        clock=clock,
        duty=duty,
        on_news=lambda: changes.publish("incidents"),
    )
    return Notifier(
        store=store,
        directory=directory,
        postman=postman,
        clock=clock,
        duty=duty,
        silent_after_s=config.alerts.agent_silent_s,
        changes=changes,
    )


def limits_of(alerts: Alerts) -> dict[str, int]:
    """Return how many messages a minute each channel takes, where it has a limit."""
    found = {name: channel.per_minute for name, channel in alerts.channels.items()}
    return {name: most for name, most in found.items() if most is not None}
