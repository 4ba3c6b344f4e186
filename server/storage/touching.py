"""Which past days a commit may have changed: spans on the UTC axis, for ``late``.

A live batch costs a comparison per row. A segment that began before the last local midnight and
closes now is looked up: where its open telling is here already, only what its end changes counts,
and yesterday is left in peace. Whole batches of history are not looked up: they are there to change
the past.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from server.storage.boots import BootKey
from server.storage.closed_schema import late_day
from server.storage.commit_rows import SEGMENT_KEY
from server.storage.joining import Standing
from server.storage.late import Touched, late_days, midnight_ms_before
from server.storage.merging import Boot
from server.storage.rows import Intake
from server.storage.schema import segment
from server.storage.statements import Into, Query, Steps, Values, fetch

LATE_DAY: Final = Into(
    late_day,
    ("agent", "day", "touches"),
    "ON CONFLICT (agent, day) DO UPDATE SET touches = late_day.touches + excluded.touches",
)
_TOLD: Final = Query(
    segment,
    SEGMENT_KEY,
    "SELECT t.source_id, t.boot_id, t.number, t.end_ms FROM segment t"
    " WHERE t.source_id = {source_id} AND t.boot_id = {boot_id} AND t.number = {number}",
)
_LOOKED_UP: Final = 200  # of one batch; more of them are history
_HOUR_MS: Final = 3_600_000  # days begin on the hour, and the hours of a batch are few


def touch_steps(
    intakes: Sequence[Intake],
    segments: Sequence[Values],
    before: Standing,
    after: Standing,
    *,
    numbers: Mapping[BootKey, int],
    now_ms: int,
) -> Steps[list[Values]]:
    """Return the rows of ``LATE_DAY`` for what a batch changes before today.

    ``segments`` are the rows that will be written, ``numbers`` those of the boots. Today is the day
    of the commit: a batch may have waited for its database until the day of its receipt was closed.
    """
    received_ms = max([now_ms, *(i.received_utc_ms for i in intakes)])
    midnight_ms = midnight_ms_before(received_ms)
    boots = {numbers[key]: boot for key, boot in after.boots.items()}
    limits = {number: midnight_ms - boot.zero_ms for number, boot in boots.items()}
    early = [row for row in segments if row[3] < limits[row[1]]]
    told: dict[Values, int | None] = {}
    if len(early) <= _LOOKED_UP:
        rows = yield from fetch(_TOLD, [row[:3] for row in early])
        told = {(source, boot, number): end for source, boot, number, end in rows}
    spans = {
        (boot.agent, (boot.zero_ms + start) // _HOUR_MS, (boot.zero_ms + end) // _HOUR_MS)
        for row in early
        for boot in (boots[row[1]],)
        for start, end in _segment_spans(row, told, boot, before)
    }
    touched = [Touched(a, start * _HOUR_MS, (end + 1) * _HOUR_MS) for a, start, end in spans]
    touched += _boot_spans(before, after)
    return [(*key, n) for key, n in sorted(late_days(touched, received_ms).items())]


def _segment_spans(
    row: Values, told: Mapping[Values, int | None], boot: Boot, before: Standing
) -> Iterator[tuple[int, int]]:
    """Yield where a segment's row changes what is claimed, on its boot's axis."""
    start, end = row[3], row[4]
    if row[:3] not in told:
        yield start, max(start, _until(boot) if end is None else end)
    elif end is not None:
        was = told[row[:3]]
        if was is None:
            known = before.boots.get((boot.agent, boot.uuid))
            yield min(end, _surely(known, start)), max(end, _until(known))
        elif end < was:  # of two ends the earlier counts
            yield end, was


def _boot_spans(before: Standing, after: Standing) -> Iterator[Touched]:
    """Yield where watermarks have come further, and the whole of boots that were put elsewhere."""
    for key, boot in after.boots.items():
        was = before.boots.get(key)
        if was is not None and _place(was) != _place(boot):
            for there in (was, boot):
                yield Touched(boot.agent, there.zero_ms, there.zero_ms + boot.last_ms)
        elif boot.mark is not None and (was is None or was.mark != boot.mark):
            start = min(_surely(was, 0), _surely(boot, 0))
            yield Touched(boot.agent, boot.zero_ms + start, boot.zero_ms + boot.mark.until_ms)


def _place(boot: Boot) -> tuple[int, bool]:
    return boot.zero_ms, boot.story.offset_ms is not None


def _until(boot: Boot | None) -> int:
    return 0 if boot is None or boot.mark is None else boot.mark.until_ms


def _surely(boot: Boot | None, otherwise: int) -> int:
    """Return until when the watermark vouches for every camera."""
    if boot is None or boot.mark is None:
        return otherwise
    return min([boot.mark.until_ms, *boot.mark.last_good_ms().values()])
