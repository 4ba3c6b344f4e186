"""The listening service around the desk and the guards' page."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from aiohttp import web

from edge.clock import Clock
from edge.config.values import GateInputConfig
from edge.gate_input.desk import Desk
from edge.gate_input.page import Page
from edge.gate_input.problems import problems_as_json
from edge.gate_input.shiftbook import ShiftBook
from edge.metrics import CONTENT_TYPE
from edge.spool import Spool

MAX_BODY: Final = 16 * 1024
_SHUTDOWN_S: Final = 1.0


class GateInputError(Exception):
    """The address can't be listened on; the text says which and why."""


class GateInput:
    """The listening service: ``start`` it, ``close`` it. ``port`` is the one that was taken.

    ``shifts``: what the guards' page shows as on shift; None: there is no page. ``figures``: the
    text of ``/metrics``; None: there is none.
    """

    def __init__(
        self,
        config: GateInputConfig,
        *,
        spool: Spool,
        clock: Clock,
        on_saved: Callable[[], None] = lambda: None,
        shifts: ShiftBook | None = None,
        figures: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        self._config = config
        desk = Desk(spool, clock, config.token, on_saved, shifts)
        page = Page(desk, shifts, config.gates, config.language) if shifts else None
        app = make_app(desk, page)
        if figures is not None:
            app.router.add_get("/metrics", partial(_metrics, figures))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)

    async def start(self) -> None:
        """Listen. Raises ``GateInputError``."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._config.host, self._config.port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            where = f"{self._config.host}:{self._config.port}"
            raise GateInputError(
                f"gate_input cannot listen on {where}: {error.strerror}"
            ) from error

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Answer who is being answered, then stop."""
        await self._runner.cleanup()


def make_app(desk: Desk, page: Page | None) -> web.Application:
    """Return the service's ways."""
    app = web.Application(client_max_size=MAX_BODY, middlewares=[problems_as_json])
    app.router.add_post("/v1/gate-events", desk.take)
    app.router.add_get("/v1/health", _health)
    if page is not None:
        page.add_to(app.router)
    return app


async def _metrics(figures: Callable[[], Awaitable[str]], _request: web.Request) -> web.Response:
    """Say how the agent is; whoever is on this machine may ask."""
    headers = {"Content-Type": CONTENT_TYPE}
    return web.Response(body=(await figures()).encode(), headers=headers)


async def _health(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})
