"""A real Mosquitto with a small centre behind it, and an agent as a child process."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from wire.codec import VERSION, decode_report, encode
from wire.messages import Ack, Item, Range, Report, Segment, Watermark
from wire.topics import Leaf, topic

AGENT = "a1"
TOKEN = "gate-token-of-the-test"
BOUND_S = 60.0  # a report that nobody heard is sent again after 10 s
_EDGE = [sys.executable, "-c", "import sys; from edge.cli import main; sys.exit(main())"]


def until(true: Callable[[], Any], what: str, bound_s: float = BOUND_S) -> Any:
    """Wait until something real has happened; return what was waited for."""
    end = time.monotonic() + bound_s
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {bound_s} s: {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Broker:
    """Mosquitto on a port of its own; ``stop`` and ``start`` as often as wanted."""

    def __init__(self, folder: Path) -> None:
        if not Path("/usr/sbin/mosquitto").exists():
            pytest.skip("Mosquitto is not installed (tests/system/install.sh)")
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._file = folder / "mosquitto.conf"
        self.configure("allow_anonymous true")

    def configure(self, *lines: str) -> None:
        """Write its configuration; as root it stays root, so that it can read the test's folder."""
        stay = ["user root"] if os.geteuid() == 0 else []
        self._file.write_text("\n".join([f"listener {self.port} 127.0.0.1", *stay, *lines, ""]))

    def start(self) -> None:
        self._process = subprocess.Popen(
            ["/usr/sbin/mosquitto", "-c", str(self._file)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(lambda: answers(self.port), "the broker listens")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class Sink:
    """Commits what comes and acknowledges it, as the centre does; ``acks`` False holds back.

    ``reports`` are those of the present, ``history`` those of former boots; ``never`` names the
    kinds of gate events with which a report can't even be read.
    """

    def __init__(self, port: int) -> None:
        self.reports: list[Report] = []
        self.history: list[Report] = []
        self.heard: list[tuple[float, Report]] = []  # all, with when
        self.never: set[str] = set()
        self._received: dict[str, set[int]] = {}
        self.statuses: list[bytes] = []
        self.acks = True
        self.listens = False
        self._kept: dict[tuple[str, int], Item] = {}
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="sink")
        self._client.on_connect = lambda client, *_: client.subscribe(
            [(topic(AGENT, leaf), 1) for leaf in (Leaf.REPORT, Leaf.HISTORY, Leaf.STATUS)]
        )
        self._client.on_subscribe = lambda *_: setattr(self, "listens", True)
        self._client.on_message = self._take
        self._client.reconnect_delay_set(1, 1)
        self._client.connect_async("127.0.0.1", port)
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def items(self) -> list[Item]:
        """All that came, by number, the spool that was heard of first before the others."""
        order = {
            spool: place for place, spool in enumerate(dict.fromkeys(k[0] for k in self._kept))
        }
        keys = sorted(self._kept, key=lambda key: (order[key[0]], key[1]))
        return [self._kept[key] for key in keys]

    @property
    def events(self) -> list[str]:
        return [item.gate_event.id for item in self.items if item.gate_event]

    @property
    def watermarks(self) -> list[Watermark]:
        return [mark for _, report in list(self.heard) for mark in report.watermarks]

    def segments(self, camera: str) -> list[Segment]:
        found = [item.segment for item in self.items if item.segment]
        return [segment for segment in found if segment.camera == camera]

    def _take(self, client: mqtt.Client, _userdata: Any, message: mqtt.MQTTMessage) -> None:
        if message.topic == topic(AGENT, Leaf.STATUS):
            self.statuses.append(bytes(message.payload))
            return
        report = decode_report(bytes(message.payload))
        is_history = message.topic == topic(AGENT, Leaf.HISTORY)
        (self.history if is_history else self.reports).append(report)
        self.heard.append((time.monotonic(), report))
        kinds = {item.gate_event.kind for item in report.items if item.gate_event}
        if not self.acks or kinds & self.never:
            return
        for item in report.items:
            self._kept.setdefault((report.spool, item.seq), item)
        client.publish(topic(AGENT, Leaf.ACK), encode(self._ack(report)), qos=1)

    def _ack(self, report: Report) -> Ack:
        got = self._received.setdefault(report.spool, {0})
        got.update(range(report.kept_from))
        got.update(item.seq for item in report.items)
        if report.after is not None and report.items:
            got.update(range(report.after + 1, report.items[-1].seq))
        seqs = sorted(got)
        through = next((i - 1 for i, seq in enumerate(seqs) if seq != i), seqs[-1])
        ranges = tuple(Range(first=seq, last=seq) for seq in seqs[through + 1 :])
        return Ack(
            v=VERSION,
            spool=report.spool,
            through=through,
            ranges=ranges,
            sent_utc_ms=report.sent_utc_ms,
            server_utc_ms=int(time.time() * 1000) + 5_000,
        )


def configure(folder: Path, broker_port: int, cameras: list[dict[str, Any]]) -> Path:
    """Write an agent's configuration with short times."""
    path = folder / "edge.yaml"
    content = {
        "schema": "vonggac.edge/1",
        "agent": AGENT,
        "data_dir": str(folder / "var"),
        "centre": {"url": f"mqtt://127.0.0.1:{broker_port}", "password": "secret-of-the-agent"},
        "gate_input": {"listen": "127.0.0.1:0", "token": TOKEN},
        "watch": {"picture_every_s": 1, "confirm_s": 1, "stall_after_s": 2, "connect_timeout_s": 1},
        "watermark_every_s": 1,
        "cameras": cameras,
    }
    path.write_text(yaml.safe_dump(content), "utf-8")
    return path


class Agent:
    """``vonggac-edge run`` as a child; ``port`` is its gate input's."""

    def __init__(self, config: Path) -> None:
        self._log = config.with_suffix(".log")
        with self._log.open("ab") as log:
            begin = log.tell()
            self.process = subprocess.Popen(
                [*_EDGE, "run", "--config", str(config)], stdout=log, stderr=log
            )
        self.port = int(until(lambda: self._started(begin), "the agent runs"))

    def _started(self, begin: int) -> str | None:
        assert self.process.poll() is None, self.log
        found = re.search(r"gate events on port (\d+)", self._log.read_bytes()[begin:].decode())
        return found[1] if found else None

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/gate-events"

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """Ask it to end; return its exit code."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, with_signal)
        return self.process.wait(BOUND_S)


@contextmanager
def broker_and_sink(folder: Path) -> Iterator[tuple[Broker, Sink]]:
    broker = Broker(folder)
    broker.start()
    sink = Sink(broker.port)
    try:
        until(lambda: sink.listens, "the sink has subscribed")
        yield broker, sink
    finally:
        sink.close()
        broker.stop()
