"""What a caller is told that asked for what can't be done."""

from typing import Any

from aiohttp import web


class Problem(Exception):  # noqa: N818 (an answer, not a failure of ours)
    """What the caller is told."""

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        error = {"code": code, "message": message} | ({"field": field} if field else {})
        self.body = {"error": error}


@web.middleware
async def problems_as_json(request: web.Request, handler: Any) -> web.StreamResponse:
    """Answer every error as ``{"error": ...}``."""
    try:
        response: web.StreamResponse = await handler(request)
    except Problem as problem:
        return web.json_response(problem.body, status=problem.status)
    except web.HTTPRedirection:
        raise
    except web.HTTPException as error:
        code = (error.reason or "error").lower().replace(" ", "_")
        body = {"error": {"code": code, "message": error.reason}}
        headers = {k: v for k, v in error.headers.items() if k == "Allow"}
        return web.json_response(body, status=error.status, headers=headers)
    return response
