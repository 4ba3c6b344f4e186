import gzip

import pytest

from server.replaying.lines import RecordingError, read_lines
from wire.topics import Leaf

REPORT = b'{"at":"2026-01-05T01:00:00Z","agent":"m1","leaf":"report","report":{"v":"1.2"}}'
RECORD = (
    b'{"at":"2026-01-05T02:00:00Z","record":'
    b'{"kind":"day_off","id":"x","by":"lan","data":{"first":"2026-01-06"}}}'
)
PLAN = b'{"at":"2026-01-05T03:00:00Z","plan":"p.yaml","typed_by":"lan","confirmed_by":"minh"}'


def test_a_recording_is_read_line_by_line_packed_or_not() -> None:
    whole = b"\n".join([REPORT, RECORD, PLAN]) + b"\n"
    lines = list(read_lines(whole))
    assert lines == list(read_lines(gzip.compress(whole)))
    report, record, plan = lines
    assert (report.agent, report.leaf, bytes(report.report)) == ("m1", Leaf.REPORT, b'{"v":"1.2"}')
    assert record.record is not None
    assert bytes(record.record.data) == b'{"first":"2026-01-06"}'
    assert (plan.plan, plan.typed_by, plan.confirmed_by) == ("p.yaml", "lan", "minh")


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([REPORT, b"{"], "line 2: "),
        ([RECORD, REPORT], "line 2: its time"),
        ([REPORT.replace(b"00Z", b"00")], "line 1: its time"),
        ([b'{"at":"2026-01-05T01:00:00Z"}'], "line 1: holds exactly one"),
        ([PLAN.replace(b'"plan"', b'"report":{},"plan"')], "line 1: holds exactly one"),
        ([REPORT.replace(b'"agent":"m1",', b"")], "line 1: a report needs its agent"),
        ([PLAN.replace(b'"plan"', b'"plam"')], "line 1: .*plam"),
    ],
)
def test_a_wrong_line_is_named(lines: list[bytes], why: str) -> None:
    with pytest.raises(RecordingError, match=why):
        list(read_lines(b"\n".join(lines)))


def test_half_a_file_is_no_recording() -> None:
    packed = gzip.compress(REPORT)
    with pytest.raises(RecordingError, match="not a whole gzip file"):
        list(read_lines(packed[:-9]))
    broken = packed[:12] + b"\xff\xff\xff" + packed[15:]
    with pytest.raises(RecordingError, match="not a whole gzip file"):
        list(read_lines(broken))
