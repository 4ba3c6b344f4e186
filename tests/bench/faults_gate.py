"""The gates' turnstiles of a faults run: they post events until each is acknowledged."""

import asyncio
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import aiohttp

from tests.bench.faults_district import TOKEN, GatePc

_EVENTS_EVERY_S: Final = 0.25
_ANSWER_S: Final = 20


@dataclass(slots=True)
class Posts:
    """What was posted at which agent, and what of it was acknowledged (201 or 200)."""

    posted: dict[str, str] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)


async def post(agent: GatePc, posts: Posts, done: asyncio.Event) -> None:
    """Post events at one gate; one that is not answered is posted again under its id."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    timeout = aiohttp.ClientTimeout(total=_ANSWER_S)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:
        while not done.is_set():
            event = str(uuid.uuid4())
            posts.posted[event] = agent.name
            body = {"gate": agent.gate, "kind": "card", "id": event, "direction": "in"}
            while event not in posts.acknowledged:
                status = await _post(session, agent.url, body)
                posts.answers[status] += 1
                if status in {200, 201}:
                    posts.acknowledged.add(event)
                elif done.is_set():
                    return
                await asyncio.sleep(_EVENTS_EVERY_S)


async def _post(session: aiohttp.ClientSession, url: str, body: dict[str, str]) -> int:
    try:
        async with session.post(url, json=body) as response:
            await response.read()
            return response.status
    except (aiohttp.ClientError, OSError, TimeoutError):
        return 0
