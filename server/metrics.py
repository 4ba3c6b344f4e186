"""The figures of ``/metrics``, in Prometheus' text format: what they are, not how they are fetched.

A ``Meter`` counts what this process does, from its start; a ``Sight`` is how the district stood at
one moment. ``page`` writes both. ``docs/metrics.md`` lists every name; labels are words of small
closed sets and the names of configured channels, and cameras only where somebody asks for them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from types import MappingProxyType
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_Counts = Mapping[str, float]


def _nothing() -> _Counts:
    return MappingProxyType({})


@dataclass(slots=True, kw_only=True)
class Meter:
    """What this process has done since it began.

    Attributes:
        reports, items: Committed, and acknowledged, reports and the items in them.
        refused: Items and payloads that were refused for ever.
        dropped: Deliveries that found no room; they come again.
        behind_since: Tells when the oldest report came that waits to be committed; None: none does.
        listening_since: Tells since when the broker is heard; None: it isn't.
    """

    reports: int = 0
    items: int = 0
    refused: int = 0
    dropped: int = 0
    behind_since: Callable[[], datetime | None] = lambda: None
    listening_since: Callable[[], datetime | None] = lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSight:
    """One camera, for those who want each."""

    camera: str
    school: str
    zone: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSight:
    """One way out.

    Attributes:
        waiting: Letters that have not left yet, and since when the oldest waits.
        given_up: Letters that were given up within the last day.
        failing_since: Since when nothing has left by it; None: all is well.
    """

    waiting: int = 0
    oldest_at: datetime | None = None
    given_up: int = 0
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The district as the database has it.

    Attributes:
        agents: By presence; ``cameras`` by live state; ``places``: required places now, by whether
            they are watched; ``yesterday``: required seconds of yesterday, by the same words.
        incidents: Open ones by severity; ``untaken``: those that nobody has acknowledged.
        channels: By name.
        newest_report_at: When any agent was last heard.
        each: Every camera, where that is wanted.
    """

    agents: _Counts = field(default_factory=_nothing)
    cameras: _Counts = field(default_factory=_nothing)
    places: _Counts = field(default_factory=_nothing)
    yesterday: _Counts = field(default_factory=_nothing)
    incidents: _Counts = field(default_factory=_nothing)
    untaken: _Counts = field(default_factory=_nothing)
    channels: Mapping[str, ChannelSight] = field(default_factory=dict)
    newest_report_at: datetime | None = None
    each: tuple[CameraSight, ...] = ()


def page(meter: Meter, sight: Sight | None, now: datetime) -> bytes:
    """Return the whole page. ``sight`` None: the database does not answer."""
    registry = CollectorRegistry()
    registry.register(_Page(meter, sight, now))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


@dataclass(frozen=True, slots=True, eq=False)  # the registry knows it by itself
class _Page(Collector):
    meter: Meter
    sight: Sight | None
    now: datetime

    def collect(self) -> Iterator[Metric]:
        """Yield every figure."""
        yield _by("vonggac_build_info", "What runs.", "version", {version("vonggac"): 1})
        yield GaugeMetricFamily(
            "vonggac_database_up", "Whether the database answers.", value=self.sight is not None
        )
        yield from _done(self.meter, self.now)
        if self.sight is not None:
            yield from _seen(self.sight, self.now)
            yield from _channels(self.sight.channels, self.now)
            yield from _each(self.sight.each)


def _done(meter: Meter, now: datetime) -> Iterator[Metric]:
    for name, told, value in (
        ("reports", "Reports of agents that were committed and acknowledged.", meter.reports),
        ("items", "Segments, gate events and the like in them.", meter.items),
        ("refused", "Items and payloads that were refused for ever.", meter.refused),
        ("dropped", "Deliveries that found no room; agents send them again.", meter.dropped),
    ):
        yield CounterMetricFamily(f"vonggac_ingest_{name}", told, value=value)
    lag = GaugeMetricFamily(
        "vonggac_ingest_lag_seconds",
        "Age of the oldest report that waits to be committed; 0: none waits.",
        value=_age_s(meter.behind_since(), now) or 0.0,
    )
    yield lag
    yield GaugeMetricFamily(
        "vonggac_broker_connected",
        "Whether this server hears the broker.",
        value=meter.listening_since() is not None,
    )


def _seen(sight: Sight, now: datetime) -> Iterator[Metric]:
    yield _by("vonggac_agents", "Gate PCs.", "presence", sight.agents)
    yield _by("vonggac_cameras", "Cameras by their state now.", "state", sight.cameras)
    yield _by("vonggac_places", "Places that the plan wants watched now.", "met", sight.places)
    yield _by(
        "vonggac_yesterday_required_seconds",
        "Seconds for which the plan wanted places watched yesterday.",
        "met",
        sight.yesterday,
    )
    yield _by("vonggac_incidents_open", "Open incidents.", "severity", sight.incidents)
    yield _by(
        "vonggac_incidents_unacknowledged",
        "Open incidents that nobody has taken on.",
        "severity",
        sight.untaken,
    )
    age = _age_s(sight.newest_report_at, now)
    if age is not None:
        yield GaugeMetricFamily(
            "vonggac_newest_report_age_seconds", "Since when no agent was heard.", value=age
        )


def _channels(channels: Mapping[str, ChannelSight], now: datetime) -> Iterator[Metric]:
    yield _by(
        "vonggac_letters_waiting",
        "Messages that have not left yet.",
        "channel",
        {name: one.waiting for name, one in channels.items()},
    )
    yield _by(
        "vonggac_letters_oldest_wait_seconds",
        "Age of the oldest of them; 0: none waits.",
        "channel",
        {name: _age_s(one.oldest_at, now) or 0.0 for name, one in channels.items()},
    )
    yield _by(
        "vonggac_letters_given_up",
        "Messages that were given up within the last 24 hours.",
        "channel",
        {name: one.given_up for name, one in channels.items()},
    )
    yield _by(
        "vonggac_channel_failing_seconds",
        "Since when nothing has left by a channel that was tried; 0: all is well.",
        "channel",
        {name: _age_s(one.failing_since, now) or 0.0 for name, one in channels.items()},
    )


def _each(cameras: tuple[CameraSight, ...]) -> Iterator[Metric]:
    if not cameras:
        return
    labels = ["camera", "school", "zone", "state"]
    each = GaugeMetricFamily("vonggac_camera_state", "1 for the state of each.", labels=labels)
    for one in cameras:
        each.add_metric([one.camera, one.school, one.zone, one.state], 1)
    yield each


def _by(name: str, told: str, label: str, counts: _Counts) -> Metric:
    family = GaugeMetricFamily(name, told, labels=[label])
    for word, count in counts.items():
        family.add_metric([word], count)
    return family


def _age_s(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else max((now - since).total_seconds(), 0.0)
