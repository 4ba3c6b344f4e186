"""What several tables of routes share."""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from server.web.api.openapi import Parameter

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SCHOOL: Final = Parameter(name="school", text="Only this school's")
