"""A test message, by the way of every message: to a channel's place, or to a receiver."""

from collections.abc import Iterable

from server.domain.paging.calls import call_id
from server.domain.paging.people import Call, Occasion, Receiver, Way
from server.web.incidentdeeds import TOPIC
from server.web.writer import Writer


async def send_test(by: Writer, receiver: Receiver) -> tuple[str, ...]:
    """Put a test for each way by which a receiver is ever told; return the letters' ids."""
    ways = dict.fromkeys((*receiver.ways, *receiver.urgent_ways))
    return await put_tests(by, ways, to=receiver.id, language=receiver.language)


async def put_tests(by: Writer, ways: Iterable[Way], *, to: str, language: str) -> tuple[str, ...]:
    """Put a test for each way in the name of ``to``; return the letters' ids."""
    calls = [
        Call(
            id=call_id(Occasion.TEST, by.now.isoformat(), to, way),
            incident=None,
            occasion=Occasion.TEST,
            receiver=to,
            way=way,
            language=language,
            at=by.now,
        )
        for way in ways
    ]
    await by.store.put_letters(calls, now=by.now)
    by.changes.publish(TOPIC)
    return tuple(call.id for call in calls)
