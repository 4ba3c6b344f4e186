"""The agent's figures are Prometheus' text format, whatever they are."""

from prometheus_client.parser import text_string_to_metric_families

from edge.metrics import Figures, page
from wire.vocabulary import State

FIGURES = Figures(
    version='1.0"\\\n', uptime_s=12.5, cpu_s=3.25, memory=10**8, disk_free=10**11, spool_items=3,
    spool_bytes=4096, spool_max_bytes=10**9, set_aside=0, cameras={State.UP: 2}, connected=True,
    ack_age_s=None, clock_offset_s=-0.25,
)  # fmt: skip


def test_what_it_writes_is_read_back() -> None:
    found = {
        (s.name, *s.labels.values()): s.value
        for family in text_string_to_metric_families(page(FIGURES))
        for s in family.samples
    }
    assert found["vonggac_edge_build_info", '1.0"\\\n'] == 1
    assert found["vonggac_edge_cpu_seconds_total",] == 3.25
    assert found["vonggac_edge_clock_offset_seconds",] == -0.25
    assert found["vonggac_edge_cameras", "up"] == 2
    assert found["vonggac_edge_cameras", "down"] == 0
    assert found["vonggac_edge_broker_connected",] == 1
    assert ("vonggac_edge_ack_age_seconds",) not in found
