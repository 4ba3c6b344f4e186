"""The broker and the centre behind it: login, rights, and whether the centre answers.

The agent's own client id would throw a running agent out, so this client has another. It leaves no
will and no presence. If no agent runs, it sends one report that holds nothing (no claim, no item)
under the spool's own name, and the centre's ack shows the whole way and the clock's offset; the
centre then counts the agent as heard. While an agent runs nothing is sent: its own acks pass by.
"""

import contextlib
import queue
import secrets
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.config import CentreConfig
from edge.doctor.check import Check, Topic, failed, good, skipped, warning
from wire.codec import VERSION, WireError, decode_ack, encode
from wire.messages import Ack, Report
from wire.topics import Leaf, topic

NO_SPOOL: Final = "00000000-0000-4000-8000-00000000d0c7"
"""The name of the spool that there is not yet."""
_REFUSED_LOGIN: Final = frozenset({0x86, 0x87})
_NOT_GRANTED: Final = 0x80
_AFTER_PUBLISH_S: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the broker and the centre answered.

    Attributes:
        login: ``ok``, ``refused``, ``silent`` (no answer to CONNECT) or ``closed``.
        may_listen: Whether the acks may be subscribed to; None: not reached.
        may_speak: Whether a report may be published; None: not tried.
        acked: Whether an ack came; None: not waited for.
        offset_ms: The centre's clock minus ours, by the ack.
        round_trip_ms: From the report to its ack; None for an ack that passed by.
        why: The broker's own words.
    """

    login: str
    may_listen: bool | None = None
    may_speak: bool | None = None
    acked: bool | None = None
    offset_ms: int | None = None
    round_trip_ms: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whom to ask, as whom, how; ``spool`` None: only listen, an agent is running."""

    agent: str
    centre: CentreConfig
    spool: str | None
    login_s: float = 3.0
    ack_s: float = 4.0


def ask_broker(question: Question, utc_ms: Callable[[], int]) -> Answer:
    """Log in, subscribe, report nothing, wait for the ack. Blocks within the question's times.

    MQTT 3.1.1, which agents speak, has no word for "you may not": a broker hangs up, or confirms
    and drops. Where no ack comes, MQTT 5 is asked, which has one.
    """
    answer = _ask(question, utc_ms, mqtt.MQTTv311)
    if answer.may_speak and not answer.acked:
        other = _ask(replace(question, ack_s=0), utc_ms, mqtt.MQTTv5)
        if other.may_speak is False:
            return replace(answer, may_speak=False, why=other.why)
    return answer


def _ask(question: Question, utc_ms: Callable[[], int], protocol: MQTTProtocolVersion) -> Answer:
    call = _Call(question, utc_ms, protocol)
    try:
        return call.make()
    except (OSError, ssl.SSLError) as error:
        return Answer(login="closed", why=str(getattr(error, "strerror", "") or error))
    finally:
        call.close()


class _Call:
    """One connection; paho's thread puts what happens into a queue."""

    def __init__(
        self, question: Question, utc_ms: Callable[[], int], protocol: MQTTProtocolVersion
    ) -> None:
        self._question = question
        self._utc_ms = utc_ms
        self._events: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._passed: list[tuple[str, Any]] = []
        self._client = self._make_client(protocol)

    def make(self) -> Answer:
        """Go step by step as far as it goes."""
        centre = self._question.centre
        self._client.connect(centre.host, centre.port, keepalive=30)
        self._client.loop_start()
        kind, value = self._next({"connected", "lost"}, self._question.login_s)
        if kind != "connected":
            return Answer(login="silent" if kind == "none" else "closed", why=str(value or ""))
        if value.is_failure:
            login = "refused" if value.value in _REFUSED_LOGIN else "closed"
            return Answer(login=login, why=str(value))
        return self._listen(Answer(login="ok"))

    def _listen(self, answer: Answer) -> Answer:
        self._client.subscribe(topic(self._question.agent, Leaf.ACK), 1)
        kind, value = self._next({"subscribed", "lost"}, self._question.login_s)
        granted = kind == "subscribed" and all(code.value < _NOT_GRANTED for code in value)
        answer = replace(answer, may_listen=granted)
        if not granted:
            return answer
        return self._pass_by(answer) if self._question.spool is None else self._report(answer)

    def _report(self, answer: Answer) -> Answer:
        """Send a report of nothing and wait for its ack."""
        assert self._question.spool is not None
        sent_utc_ms = self._utc_ms()
        report = Report(v=VERSION, spool=self._question.spool, sent_utc_ms=sent_utc_ms, boots=())
        self._client.publish(topic(self._question.agent, Leaf.REPORT), encode(report), qos=1)
        kind, value = self._next({"published", "lost"}, self._question.login_s)
        if kind == "published" and value.is_failure:
            return replace(answer, may_speak=False, why=str(value))
        if kind == "published":  # Mosquitto may first confirm and then hang up on who may not
            kind, _ = self._next({"lost"}, _AFTER_PUBLISH_S)
        if kind == "lost":
            return replace(answer, may_speak=False, why=str(value or ""))
        return self._acked(replace(answer, may_speak=True), sent_utc_ms)

    def _acked(self, answer: Answer, sent_utc_ms: int) -> Answer:
        deadline_s = time.monotonic() + self._question.ack_s
        while (left_s := deadline_s - time.monotonic()) > 0:
            kind, value = self._next({"ack", "lost"}, left_s)
            if kind != "ack":
                break
            ack, received_utc_ms = value
            if ack.sent_utc_ms == sent_utc_ms and ack.spool == self._question.spool:
                return replace(
                    answer,
                    acked=True,
                    offset_ms=ack.server_utc_ms - (sent_utc_ms + received_utc_ms) // 2,
                    round_trip_ms=received_utc_ms - sent_utc_ms,
                )
        return replace(answer, acked=False)

    def _pass_by(self, answer: Answer) -> Answer:
        """Wait for an ack to the running agent; its way here is taken for no time."""
        kind, value = self._next({"ack", "lost"}, self._question.ack_s)
        if kind != "ack":
            return answer
        ack, received_utc_ms = value
        return replace(answer, acked=True, offset_ms=ack.server_utc_ms - received_utc_ms)

    def _next(self, kinds: set[str], within_s: float) -> tuple[str, Any]:
        """Return the next event of these kinds, or ``none``; others wait for their turn."""
        for i, (kind, value) in enumerate(self._passed):
            if kind in kinds:
                del self._passed[i]
                return kind, value
        deadline_s = time.monotonic() + within_s
        while True:
            try:
                kind, value = self._events.get(timeout=max(deadline_s - time.monotonic(), 0))
            except queue.Empty:
                return "none", None
            if kind in kinds:
                return kind, value
            self._passed.append((kind, value))

    def close(self) -> None:
        """Hang up."""
        self._client.disconnect()
        self._client.loop_stop()

    def _make_client(self, protocol: MQTTProtocolVersion) -> mqtt.Client:
        question = self._question
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"vg-doctor-{question.agent[:32]}-{secrets.token_hex(3)}",
            protocol=protocol,
            reconnect_on_failure=False,
        )
        password = question.centre.password
        client.username_pw_set(question.agent, password.reveal() if password else None)
        if question.centre.tls:
            client.tls_set_context(ssl.create_default_context(cafile=question.centre.ca_file))
        client.connect_timeout = question.login_s
        put = self._events.put
        client.on_connect = lambda *told: put(("connected", told[3]))
        client.on_subscribe = lambda *told: put(("subscribed", told[3]))
        client.on_publish = lambda *told: put(("published", told[3]))
        client.on_disconnect = lambda *told: put(("lost", told[3]))
        client.on_message = lambda *told: self._heard(told[2])
        return client

    def _heard(self, message: mqtt.MQTTMessage) -> None:
        with contextlib.suppress(WireError, UnicodeDecodeError):
            if message.topic == topic(self._question.agent, Leaf.ACK):
                ack: Ack = decode_ack(bytes(message.payload))
                self._events.put(("ack", (ack, self._utc_ms())))


def grade_answer(answer: Answer, question: Question) -> list[Check]:
    """Grade login and rights, and whether a centre answers."""
    agent = question.agent
    if answer.login != "ok":
        return [failed(Topic.BROKER, f"login.{answer.login}", agent=agent, why=answer.why)]
    checks = [good(Topic.BROKER, "login.ok", agent=agent)]
    if answer.may_listen is False:
        where = topic(agent, Leaf.ACK)
        return [*checks, failed(Topic.BROKER, "rights.listen", agent=agent, where=where)]
    if answer.may_speak is False:
        where = topic(agent, Leaf.REPORT)
        return [*checks, failed(Topic.BROKER, "rights.speak", agent=agent, where=where)]
    return [*checks, _grade_centre(answer, running=question.spool is None)]


def _grade_centre(answer: Answer, *, running: bool) -> Check:
    if answer.acked:
        if running:
            return good(Topic.CENTRE, "centre.heard")
        return good(Topic.CENTRE, "centre.ok", ms=answer.round_trip_ms)
    if running:
        return skipped(Topic.CENTRE, "centre.not_heard")
    return warning(Topic.CENTRE, "centre.silent")
