"""What of a payload can be saved, and what is refused."""

from dataclasses import replace
from datetime import date, timedelta

import msgspec
import pytest

from server.domain.dated import Dated
from server.domain.register import Register
from server.domain.units import Agent, Gate, Organisation, School
from server.ingest.reading import Read, read_report
from server.ingest.screening import gate_keepers, screen
from tests.pure.server.reports import BOOT, ORIGIN_MS, SPOOL, item, passage, segment, watermark
from wire.codec import VERSION, WireError, encode
from wire.messages import BootStory, Item, Report, Watermark


def _report(*items: Item, **more: object) -> Report:
    values = {"boots": (BootStory(id=BOOT, origin_utc_ms=ORIGIN_MS),), **more}
    return Report(v=VERSION, spool=SPOOL, sent_utc_ms=1, items=items, **values)  # type: ignore[arg-type]


def _raw(report: Report) -> dict[str, list[dict[str, object]]]:
    raw: dict[str, list[dict[str, object]]] = msgspec.json.decode(encode(report))
    return raw


def test_a_good_report_is_read_whole() -> None:
    report = _report(item(1, passage(1)))
    assert read_report(encode(report)) == Read(report)


@pytest.mark.parametrize(
    "bad",
    [
        {"seq": 2},
        {"seq": 2, "segment": {"boot": "x"}},
        {"seq": 2, "gate_event": "x"},
        {"seq": 2, "segment": None, "gap": {"first_seq": 0}},
    ],
)
def test_a_bad_item_is_refused_under_its_number(bad: dict[str, object]) -> None:
    raw = _raw(_report(item(1, passage(1)), item(3, passage(3)), after=0))
    raw["items"].insert(1, bad)
    report, refused, numberless = read_report(msgspec.json.encode(raw))
    assert (report.after, numberless) == (0, None)
    assert [i.seq for i in report.items] == [1, 3]
    assert [(r.seq, r.reason.startswith("not a readable item")) for r in refused] == [(2, True)]


@pytest.mark.parametrize("bad", [{}, {"seq": "x"}, {"seq": 0}, {"seq": 2**60}, 7, None, [], "x"])
def test_an_item_without_a_number_is_left_out_and_nothing_is_concluded_from_numbers(
    bad: object,
) -> None:
    raw = _raw(_report(item(1, passage(1)), item(3, passage(3)), after=0))
    raw["items"].insert(1, bad)  # type: ignore[arg-type]
    report, refused, numberless = read_report(msgspec.json.encode(raw))
    assert [i.seq for i in report.items] == [1, 3]
    assert (refused, report.after) == ((), None)
    assert numberless is not None
    assert numberless.startswith("not a readable item")


@pytest.mark.parametrize(
    "change", [{"v": "2.0"}, {"v": "x"}, {"spool": "x"}, {"boots": [1]}, {"watermarks": 1}]
)
def test_a_bad_envelope_is_not_saved_item_by_item(change: dict[str, object]) -> None:
    raw = _raw(_report(item(1, passage(1))))
    raw["items"].append({"seq": 2})
    with pytest.raises(WireError):
        read_report(msgspec.json.encode(raw | change))


def _organisation() -> Organisation:
    school = School(
        id="s1", name="S", kind="tieu_hoc", unit="u",
        gates=(Gate(id="gate1", name="1"), Gate(id="gate2", name="2"), Gate(id="gate3", name="3")),
        agents=(Agent(id="agent1", name="A", gates=("gate1", "gate3")),
                Agent(id="agent2", name="B", gates=("gate3",))),
    )  # fmt: skip
    return Organisation(units=(), schools=(school,))


def _refused(*items: Item, agent: str = "agent1") -> list[tuple[int, str]]:
    keepers = gate_keepers(Register.of(_organisation()))
    intake = screen(agent, Read(_report(*items)), keepers=keepers, received_utc_ms=5, late=False)
    assert len(intake.items) + len(intake.refused) == len(items)
    return [(r.seq, r.reason) for r in intake.refused]


def test_an_agent_that_kept_a_gate_once_may_still_bring_its_history() -> None:
    now = Register.of(_organisation())
    (school,) = now.schools.values()
    turn = date(2026, 5, 1)
    former = Dated(value=Agent(id="agent1", name="A", gates=("gate2",)), last=turn)
    present = replace(school.agents[0][0], first=turn + timedelta(days=1))
    changed = replace(school, agents=((former, present), *school.agents[1:]))
    keepers = gate_keepers(now.with_changes(schools=[changed]))
    assert keepers["gate2"] == {"agent1"}
    assert keepers["gate1"] == {"agent1"}


def test_gates_belong_to_those_whom_the_units_file_names() -> None:
    events = [item(n, passage(n, gate=f"gate{n}")) for n in (1, 2, 3, 4)]
    assert [seq for seq, _ in _refused(*events)] == [2]
    assert [seq for seq, _ in _refused(*events, agent="agent2")] == [1, 2]
    assert [seq for seq, _ in _refused(*events, agent="stranger")] == [1, 2, 3]


def test_a_span_of_no_length_is_no_mistake() -> None:
    assert _refused(item(1, segment(1, 5, 5))) == []


def test_a_segment_of_a_boot_that_nothing_is_told_of() -> None:
    other = "b0000000-0000-4000-8000-0000000000ff"
    ((seq, reason),) = _refused(item(1, segment(1, 0, boot=other)))
    assert (seq, other in reason) == (1, True)


def test_watermarks_of_untold_boots_are_left_out() -> None:
    other = Watermark(boot="b0000000-0000-4000-8000-0000000000ff", until_ms=1)
    report = _report(watermarks=(other, watermark(5)))
    intake = screen("agent1", Read(report), keepers={}, received_utc_ms=5, late=False)
    assert intake.watermarks == (watermark(5),)


def test_what_the_spool_no_longer_holds_and_whether_it_is_late_go_along() -> None:
    report = _report(item(9, passage(9)), kept_from=4, after=7)
    intake = screen("agent1", Read(report), keepers={}, received_utc_ms=5, late=True)
    assert (intake.kept_from, intake.after, intake.late) == (4, 7, True)
