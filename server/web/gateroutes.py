"""The gate log: as a page with its filter, and as a file of all rows."""

from collections import Counter
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from server.domain.calendar import local_date
from server.storage.rows import GateEventRow
from server.texts.tongue import N_
from server.web import csvfile, forms
from server.web.deps import DEPS, TONGUE
from server.web.frame import render
from server.web.pages import gatelog
from server.web.readings import READINGS

_CSV_PAGE: Final = 1000
_CSV_MOST: Final = 200_000
KINDS: Final = {
    "pass": N_("Passage"),
    "passage": N_("Passage"),
    "pupil": N_("Pupil"),
    "staff": N_("Staff"),
    "visitor": N_("Visitor"),
    "vehicle": N_("Vehicle"),
    "late": N_("Arrived late"),
    "early": N_("Left early"),
    "refused": N_("Not let in"),
    "open": N_("Gate opened"),
    "close": N_("Gate closed"),
    "card": N_("Card"),
    "shift": N_("Shift"),
}


async def get_gate_log(request: web.Request) -> web.Response:
    """Serve ``/gate-log`` with its filter."""
    deps, wanted = request.app[DEPS], gate_filter(request)
    gates = gatelog.gates_of(deps.organisation, wanted.school, wanted.gate)
    since, until = wanted.since, wanted.until
    rows = await deps.store.gate_events(
        gates=gates,
        since=since,
        until=until,
        text=wanted.text,
        limit=gatelog.PAGE + 1,
        before=wanted.before,
    )
    totals = Counter[str]()
    for count in await deps.store.gate_counts(gates=gates, since=since, until=until):
        totals[count.direction or ""] += count.count
    chart: list[GateEventRow] | None = None
    if wanted.first == wanted.last and totals.total() <= gatelog.CHART_MOST:
        chart = await deps.store.gate_events(
            gates=gates, since=since, until=until, limit=gatelog.CHART_MOST
        )
    view = gatelog.gate_log(
        deps.organisation,
        wanted,
        rows=rows,
        chart=chart,
        totals=totals,
        now=request.app[READINGS].now(),
    )
    last = view.entries[-1].event if view.entries else None
    return render(
        request,
        "gatelog.html",
        view=view,
        kinds={kind: request[TONGUE].text(word) for kind, word in KINDS.items()},
        query_string=_query_string(wanted),
        watch=f"see=gates&school={wanted.school or ''}",
        next_before=forms.position_text(last.occurred_at, last.id) if last else "",
    )


def gate_filter(request: web.Request) -> gatelog.Filter:
    """Read the gate log's filter; today where no day is given."""
    query, today = request.query, local_date(request.app[READINGS].now())
    asked = [day for name in ("from", "to") if (day := forms.day(query, name)) is not None]
    first, last = min(asked, default=today), max(asked, default=today)
    if (last - first).days >= gatelog.MOST_DAYS:
        raise forms.BadInputError(
            "from", N_("at most %(days)s days at once"), days=gatelog.MOST_DAYS
        )
    organisation = request.app[DEPS].organisation
    chosen, gate = forms.identifier(query, "school"), forms.identifier(query, "gate")
    if chosen is not None and organisation.school(chosen) is None:
        raise forms.BadInputError("school", N_("is not known"))
    gates = {g.id: s.id for s in organisation.schools for g in s.gates}
    if gate is not None and gate not in gates:
        raise forms.BadInputError("gate", N_("is not known"))
    if gate is not None and chosen is not None and gates[gate] != chosen:
        gate = None  # the school was changed, the gate belongs to the one before
    return gatelog.Filter(
        school=chosen,
        gate=gate,
        first=first,
        last=last,
        text=forms.text(query, "text", longest=100),
        before=forms.position(forms.text(query, "before")),
    )


def _query_string(wanted: gatelog.Filter) -> str:
    values = {
        "school": wanted.school,
        "gate": wanted.gate,
        "from": wanted.first.isoformat(),
        "to": wanted.last.isoformat(),
        "text": wanted.text,
    }
    return urlencode({key: value for key, value in values.items() if value})


async def get_gate_csv(request: web.Request) -> web.StreamResponse:
    """Serve ``/gate-log.csv``: the same filter, all rows, a page at a time."""
    deps, wanted, tongue = request.app[DEPS], gate_filter(request), request[TONGUE]
    gates = gatelog.gates_of(deps.organisation, wanted.school, wanted.gate)
    name = f"nhat-ky-ra-vao-{wanted.first}-{wanted.last}.csv"
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
    )
    before, sent, text = None, 0, csvfile.head(tongue)
    while sent < _CSV_MOST:
        rows = await deps.store.gate_events(
            gates=gates,
            since=wanted.since,
            until=wanted.until,
            text=wanted.text,
            limit=_CSV_PAGE,
            before=before,
        )
        if not response.prepared:
            await response.prepare(request)
        text += csvfile.lines(tongue, gatelog.entries(deps.organisation, rows))
        await response.write(text.encode())
        if len(rows) < _CSV_PAGE:
            break
        before, sent, text = (rows[-1].occurred_at, rows[-1].id), sent + len(rows), ""
    await response.write_eof()
    return response
