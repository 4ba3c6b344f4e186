"""The file's shape: which keys there are, their types and their limits.

msgspec checks a parsed file against these and says where and what; ``check`` turns that into a
``ConfigError`` in plain words and names the nearest key for one that it doesn't know.
"""

import difflib
import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from edge.config.values import ConfigError

Text = Annotated[str, Meta(min_length=1, max_length=4096)]


class Form(Struct, forbid_unknown_fields=True, kw_only=True):
    """Base: an unknown key is an error."""


class WatchForm(Form):
    """``watch``, and what a camera overrides of it; absent keys are ``None``."""

    picture_every_s: Annotated[float, Meta(ge=1, le=3600)] | None = None
    stall_after_s: Annotated[float, Meta(ge=1, le=600)] | None = None
    connect_timeout_s: Annotated[float, Meta(ge=0.5, le=60)] | None = None
    confirm_s: Annotated[float, Meta(ge=0, le=600)] | None = None
    freeze_after_s: Annotated[float, Meta(ge=2, le=86_400)] | None = None
    auth_retry_s: Annotated[float, Meta(ge=1, le=86_400)] | None = None
    mode: Literal["hold", "visit"] | None = None
    visit_every_s: Annotated[float, Meta(ge=5, le=600)] | None = None
    visit_s: Annotated[float, Meta(ge=1, le=60)] | None = None
    min_fps: Annotated[float, Meta(gt=0, le=120)] | None = None
    max_loss: Annotated[float, Meta(gt=0, le=0.5)] | None = None
    max_clock_offset_s: Annotated[float, Meta(ge=1, le=86_400)] | None = None


class OnvifForm(Form):
    """``cameras[].onvif``."""

    url: Text | None = None
    user: Text | None = None
    password: Text | None = None
    endpoint: Text | None = None
    mac: Text | None = None
    serial: Text | None = None


class RecordingsForm(Form):
    """``cameras[].recordings``."""

    via: Literal["onvif", "hikvision"]
    url: Text | None = None
    user: Text | None = None
    password: Text | None = None
    channel: Text | Annotated[int, Meta(ge=1, le=9999)] | None = None
    days: Annotated[int, Meta(ge=1, le=3650)] | None = None
    newest_within_h: Annotated[float, Meta(ge=0.1, le=24 * 365)] = 24


class CameraForm(Form):
    """One of ``cameras``."""

    id: Text
    url: Text
    sub_url: Text | None = None
    name: Text | None = None
    watch: WatchForm = msgspec.field(default_factory=WatchForm)
    onvif: OnvifForm | None = None
    recordings: RecordingsForm | None = None


Sessions = Annotated[int, Meta(ge=1, le=1000)]


class HostForm(Form):
    """One of ``hosts``."""

    address: Text
    sessions: Sessions | None = None


class CentreForm(Form):
    """``centre``."""

    url: Text
    password: Text | None = None
    ca_file: Text | None = None


class GateForm(Form):
    """One of ``gate_input.gates``."""

    id: Text
    name: Text | None = None


class GateInputForm(Form):
    """``gate_input``."""

    listen: Text
    token: Text
    gates: Annotated[tuple[GateForm, ...], Meta(max_length=20)] = ()


class SpoolForm(Form):
    """``spool``."""

    max_mb: Annotated[int, Meta(ge=1, le=1_000_000)] = 500


class EvidenceForm(Form):
    """``evidence``; 0 keeps none."""

    max_mb: Annotated[int, Meta(ge=0, le=100_000)] = 64
    keep_days: Annotated[int, Meta(ge=0, le=3650)] = 30


class EdgeForm(Form):
    """The whole file."""

    schema: Text
    agent: Text
    centre: CentreForm
    data_dir: Text = "var"
    language: Literal["vi", "en"] = "vi"
    secrets_file: Text | None = None
    gate_input: GateInputForm | None = None
    watch: WatchForm = msgspec.field(default_factory=WatchForm)
    watermark_every_s: Annotated[float, Meta(ge=1, le=3600)] = 60
    spool: SpoolForm = msgspec.field(default_factory=SpoolForm)
    evidence: EvidenceForm = msgspec.field(default_factory=EvidenceForm)
    cameras: Annotated[tuple[CameraForm, ...], Meta(max_length=1000)] = ()
    sessions_per_host: Sessions | None = None
    hosts: Annotated[tuple[HostForm, ...], Meta(max_length=1000)] = ()


F = TypeVar("F", bound=Form)

_AT: Final = re.compile(r"^(?P<why>.*?)(?: - at `(?:key in )?\$\.?(?P<key>.*)`)?$", re.DOTALL)
_UNKNOWN: Final = re.compile(r"unknown field `(?P<name>.*)`")
_MISSING: Final = re.compile(r"missing required field `(?P<name>.*)`")
_NOT_TEXT: Final = re.compile(r"Expected `str[^`]*`, got `(?P<got>\w+)`")
_WORDS: Final = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true/false",
    "object": "a mapping (key: value)",
    "array": "a list (- item)",
    "null": "nothing",
}


def check(path: Path, content: Any, form: type[F]) -> F:
    """Return ``content`` as ``form``. Raises ``ConfigError``."""
    try:
        return msgspec.convert(content, form)
    except msgspec.ValidationError as error:
        key, why = _explain(str(error), form)
        raise ConfigError(path, key, why) from error


def _explain(text: str, form: type[Form]) -> tuple[str, str]:
    match = _AT.match(text)
    why, parent = (match["why"], match["key"] or "") if match else (text, "")
    if unknown := _UNKNOWN.search(why):
        known = _keys(form, parent)
        near = difflib.get_close_matches(unknown["name"], known, n=1, cutoff=0.6)
        hint = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(known)}"
        return _join(parent, unknown["name"]), f"no such key; {hint}"
    if missing := _MISSING.search(why):
        return _join(parent, missing["name"]), "is missing"
    if (number := _NOT_TEXT.search(why)) and number["got"] in {"int", "float", "bool"}:
        return parent, f"is {_WORDS[number['got']]} to YAML, but must be text: put it in quotes"
    return parent, _plain(why)


def _plain(why: str) -> str:
    """Return msgspec's sentence with YAML's words for types."""

    def words(match: re.Match[str]) -> str:
        return " or ".join(_WORDS.get(part, part) for part in match[1].split(" | "))

    text = re.sub(r"`([^`]*)`", words, why)
    text = re.sub(r"^Expected (.+), got (.+)$", r"must be \1, not \2", text)
    text = re.sub(r"^Expected ", "must be ", text)
    return re.sub(r"^Invalid enum value (.*)$", r"\1 is not one that is known", text)


def _join(parent: str, name: str) -> str:
    return f"{parent}.{name}" if parent else name


def _keys(form: type[Form], parent: str) -> tuple[str, ...]:
    """Return the keys that the mapping at ``parent`` may have."""
    at: Any = form
    for name in re.findall(r"[a-z_]+", parent.replace("[...]", "")):
        at = _inner(msgspec.structs.fields(at), name)
    return tuple(field.name for field in msgspec.structs.fields(at))


def _inner(fields: tuple[msgspec.structs.FieldInfo, ...], name: str) -> Any:
    """Return the ``Form`` within the type of the field ``name``."""
    found = next(field.type for field in fields if field.name == name)
    pending = [found]
    while pending:
        candidate = pending.pop()
        if isinstance(candidate, type) and issubclass(candidate, Form):
            return candidate
        pending.extend(getattr(candidate, "__args__", ()))
    raise LookupError(name)
