"""The OpenAPI document, made from the API's own route table. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from server.web.api import types as t

_REF: Final = "#/components/schemas/{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of the query or the path."""

    name: str
    text: str
    kind: str = "string"
    form: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One row of the route table. ``answer`` None: no body, or one of the kind ``media``.

    ``takes``: the media types of a body that is a file.
    """

    method: str
    path: str
    text: str
    answer: type | None
    body: type | None = None
    query: Sequence[Parameter] = ()
    status: int = 200
    open: bool = False
    media: str | None = None
    takes: Sequence[str] = ()


def document(operations: Iterable[Operation], *, version: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    rows = list(operations)
    types: list[type] = [t.Failure]
    for row in rows:
        types += [kind for kind in (row.answer, row.body) if kind is not None and kind not in types]
    _, schemas = msgspec.json.schema_components(types, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Vọng Gác", "version": version, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": "/api/v1"}],
        "security": [{"bearer": []}, {"cookie": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "vonggac"},
            },
        },
    }


def _operation(row: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "summary": row.text,
        "operationId": _name(row),
        "responses": {
            str(row.status): _response(row),
            "default": {"description": "A failure", **_content(t.Failure)},
        },
    }
    parameters = [_parameter(p, "path") for p in _in_path(row.path)]
    parameters += [_parameter(p, "query") for p in row.query]
    if parameters:
        found["parameters"] = parameters
    if row.body is not None:
        found["requestBody"] = {"required": True, **_content(row.body)}
    if row.takes:
        found["requestBody"] = {"required": True, "content": {kind: {} for kind in row.takes}}
    if row.open:
        found["security"] = []
    return found


def _name(row: Operation) -> str:
    words = re.findall(r"[a-z]+", row.path.lower())
    return "_".join([row.method.lower(), *words])


def _in_path(path: str) -> list[Parameter]:
    return [Parameter(name=name, text="Its id") for name in re.findall(r"{(\w+)}", path)]


def _parameter(parameter: Parameter, place: str) -> dict[str, Any]:
    schema = {"type": parameter.kind} | ({"format": parameter.form} if parameter.form else {})
    return {
        "name": parameter.name,
        "in": place,
        "required": place == "path",
        "description": parameter.text,
        "schema": schema,
    }


def _response(row: Operation) -> dict[str, Any]:
    content = _content(row.answer) if row.answer else {}
    return {"description": "Done", **({"content": {row.media: {}}} if row.media else content)}


def _content(kind: type) -> dict[str, Any]:
    ref = {"$ref": _REF.format(name=kind.__name__)}
    return {"content": {"application/json": {"schema": ref}}}
