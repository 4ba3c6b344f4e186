"""Pages of incidents and of who is told: order, medians, turns, forms, and the preview."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from server.config import Address, Secret
from server.config.alerts import Channel, Email, SmtpSecurity, Webhook
from server.domain.calendar import local_day
from server.domain.faults import FaultEntry, Written
from server.domain.incident.model import Incident, Kind, Member, Phase, Severity, Step
from server.domain.incident.rules import DEFAULTS, Rule, Rules
from server.domain.incident.signals import Aspect, Subject
from server.domain.interval import Interval
from server.domain.paging.people import (
    Occasion,
    Policy,
    Receiver,
    Rota,
    Stage,
    Stand,
    Target,
    Way,
)
from server.domain.units import Camera, Organisation, School, Unit, Zone
from server.storage.incident_rows import IncidentRow, LetterRow, StepRow
from server.texts.incident_words import KINDS, OCCASIONS, RULE_WORDS, SEVERITIES, STEPS
from server.texts.incidents import headline
from server.texts.naming import Names
from server.texts.tongue import load
from server.web import pagingforms
from server.web.forms import BadInputError
from server.web.pages.incident import last_day, shown_cameras, story, strips
from server.web.pages.incidents import inbox, named, open_lines, unhandled
from server.web.pages.paging import named_in, turns
from server.web.pages.response import responses
from server.web.pages.rules import FIGURES, RULE_FIELDS, differences, rule_rows
from server.web.pagingchecks import Ground, check
from server.web.ruleforms import check_rules, rules_of

NOW = datetime(2026, 11, 24, 2, 42, 10, tzinfo=UTC)
VI = load("vi")
ORGANISATION = Organisation(
    units=(Unit(id="u", name="Xã Vĩnh Quỳnh", level="xa"),),
    schools=tuple(
        School(
            id=name,
            name=f"Trường {word}",
            kind="thcs",
            unit="u",
            zones=(Zone(id="cong", name="Cổng", kind="cong_truong"),),
            cameras=tuple(
                Camera(id=f"{name}{i}", name=f"Cổng {i}", zone="cong", sources=()) for i in (1, 2)
            ),
        )
        for name, word in (("a", "Ích Vịnh"), ("b", "Quỳnh Sơn"))
    ),
)
MAIL = Email(smtp=Address(host="h", port=25), security=SmtpSecurity.STARTTLS, sender="x@y.vn")
CHANNELS = {
    "email": Channel(name="email", way=MAIL),
    "webhook": Channel(name="webhook", way=Webhook(url=Secret("https://x.example"))),
}


def row(
    name: str = "1",
    *,
    minutes: int = 60,
    lasted: int | None = None,
    taken: int | None = None,
    school: str | None = "a",
    camera: str = "a1",
    severity: Severity = Severity.NORMAL,
    **more: object,
) -> IncidentRow:
    """Return an incident that began so many minutes ago, was told at once and taken on after."""
    began = NOW - timedelta(minutes=minutes)
    ended = None if lasted is None else began + timedelta(minutes=lasted)
    incident = Incident(
        id=name,
        kind=Kind.CAMERA,
        root=f"camera:{camera}",
        school=school,
        severity=severity,
        phase=Phase.OPEN if ended is None else Phase.CLOSED,
        members=(
            Member(subject=Subject(Aspect.CAMERA, camera), cause="network.timeout", since=began),
        ),
        affected=(camera,),
        required=("cong",),
        began_at=began,
        opened_at=began,
        tell_at=None if severity is Severity.NOTED else began,
        ended_at=ended,
        closed_at=ended,
    )
    return IncidentRow(
        incident=replace(incident, **more),  # type: ignore[arg-type]
        began_at=began,
        ended_at=ended,
        told_at=began,
        acknowledged_at=None if taken is None else began + timedelta(minutes=taken),
        acknowledged_by=None if taken is None else "truc",
    )


def test_an_inbox_has_the_unhandled_first_and_says_where_the_next_page_begins() -> None:
    rows = [
        row("new", minutes=5),
        row("urgent", minutes=50, severity=Severity.URGENT),
        row("taken", minutes=1, severity=Severity.URGENT, taken=0),
        row("noted", minutes=0, severity=Severity.NOTED),
        row("over", minutes=90, lasted=10),
    ]
    found = inbox(rows, ORGANISATION, most=4)
    assert [x.row.incident.id for x in found.waiting] == ["urgent", "new"]
    assert [x.row.incident.id for x in found.taken] == ["taken"]
    assert [x.row.incident.id for x in found.noted] == ["noted"]
    assert found.done == ()
    assert found.after == (rows[3].incident.opened_at, "noted")
    assert inbox(rows, ORGANISATION, most=5).after is None
    assert unhandled(rows) == 2
    assert [x.seconds for x in open_lines(rows[4:], ORGANISATION)] == [600]


def test_a_search_means_schools_by_their_names_without_marks() -> None:
    assert named(ORGANISATION, "ich vinh") == {"a"}
    assert named(ORGANISATION, "QUỲNH") == {"b"}
    assert named(ORGANISATION, "") == frozenset()


def test_medians_are_of_those_that_have_them_and_a_contractor_is_the_fault_registers() -> None:
    rows = [
        row("1", minutes=500, lasted=30, taken=10),
        row("2", minutes=400, lasted=90, taken=20),
        row("3", minutes=300, lasted=60),
        row("4", minutes=10),
        row("5", minutes=10, severity=Severity.NOTED),
        row("6", minutes=10, school="b", camera="b1", taken=2),
        row("7", minutes=10, school=None, unit="u"),
    ]
    repaired = Written(what="cháp", since=date(2026, 11, 23), contractor="Công ty A")
    other = Written(
        what="cháp", since=date(2026, 11, 1), repaired=date(2026, 11, 2), contractor="B"
    )
    faults = [
        FaultEntry(school="b", camera="b1", written=repaired),
        FaultEntry(school="a", camera="a1", written=other),
    ]
    found = responses(rows, faults, ORGANISATION)
    assert (found.all.incidents, found.all.taken_s, found.all.mended_s) == (6, 600, 3600)
    assert [(r.name, r.incidents) for r in found.units] == [("u", 6)]
    assert [(r.name, r.taken_s, r.mended_s) for r in found.contractors] == [
        ("Công ty A", 120, None)
    ]
    empty = responses([], [], ORGANISATION)
    assert (empty.all.taken_s, empty.all.mended_s, empty.units) == (None, None, ())


def letter(occasion: Occasion, receiver: str, minutes: int) -> LetterRow:
    at = NOW - timedelta(minutes=60 - minutes)
    return LetterRow(
        id=f"{occasion}{receiver}",
        incident="1",
        occasion=occasion,
        receiver=receiver,
        way=Way(channel="email"),
        language="vi",
        at=at,
        created_at=at,
        next_at=None,
    )


def test_an_incidents_page_tells_its_course_newest_first_and_each_receiver_once() -> None:
    steps = [
        StepRow(incident="1", at=NOW - timedelta(minutes=59), step="opened", by=None, text=""),
        StepRow(incident="1", at=NOW - timedelta(minutes=20), step="note", by="truc", text="gọi"),
        StepRow(incident="1", at=NOW - timedelta(minutes=5), step="absorbed", by=None, text="9"),
    ]
    letters = [
        letter(Occasion.OPENED, "hoa", 1),
        letter(Occasion.WORSENED, "hoa", 2),
        letter(Occasion.ESCALATED, "binh", 31),
        letter(Occasion.RECOVERED, "lan", 55),
    ]
    view = story(row(), steps, letters, ORGANISATION)
    assert [t.step for t in view.course] == ["absorbed", "note", "escalated", "opened", "began"]
    assert view.course[0].into == "9"
    assert [x.receiver for x in view.told] == ["hoa", "binh"]
    assert view.escalated is letters[2]
    assert [(t.zone.id, t.left, t.cameras) for t in view.touched] == [("cong", 1, 2)]
    assert [(b.href, b.required) for b in view.branches] == [("/cameras/a1", True)]


def test_a_strip_shows_the_days_hours_up_to_now_and_none_before_they_begin() -> None:
    school = ORGANISATION.schools[0]
    cameras = shown_cameras(row(), school)
    assert [c.id for c in cameras] == ["a1"]
    day = last_day(row(), NOW)
    start = local_day(day).start
    hours = (
        Interval(start + timedelta(hours=6), start + timedelta(hours=11)),
        Interval(start + timedelta(hours=13), start + timedelta(hours=17)),
    )
    [strip] = strips(cameras, {}, hours, day=day, now=NOW)
    assert strip.window == Interval(hours[0].start, hours[1].end)
    assert strip.excluded == (Interval(hours[0].end, hours[1].start),)
    assert strip.spans[-1].interval.end == NOW
    assert strips(cameras, {}, hours, day=day, now=hours[0].start) == []
    [whole] = strips(cameras, {}, (), day=day, now=NOW)
    assert (whole.window, whole.excluded) == (local_day(day), ())
    assert last_day(row(minutes=3 * 1440, lasted=10), NOW) == day - timedelta(days=3)


def test_every_kind_step_and_setting_has_words() -> None:
    assert set(KINDS) == set(Kind)
    assert set(SEVERITIES) == set(Severity)
    assert set(OCCASIONS) == set(Occasion)
    assert set(RULE_WORDS) == {*RULE_FIELDS, *FIGURES}
    people = {"told", "acknowledged", "assigned", "note", "silenced", "began", "escalated",
              "handover"}  # fmt: skip
    assert set(STEPS) == {*Step, *people}


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_headline_that_names_its_place(kind: Kind) -> None:
    text = headline(VI, replace(row().incident, kind=kind), Names(ORGANISATION))
    assert text.startswith("Trường Ích Vịnh: ")
    assert len(text) < 140
    assert "%" not in text


ROTA = Rota(
    id="r",
    name="Trực",
    members=("hoa", "binh"),
    start=date(2026, 11, 16),
    handover=time(7),
    stands=(Stand(first=date(2026, 12, 2), last=date(2026, 12, 3), receiver="lan", reason="lễ"),),
)


def test_four_weeks_of_turns_begin_on_monday_and_name_who_stands_in() -> None:
    found = turns(ROTA, NOW, date(2026, 11, 24))
    days = [day for week in found.weeks for day in week]
    assert (len(days), days[0].day, found.now) == (28, date(2026, 11, 23), "binh")
    assert [d.receiver for d in days[:8]] == ["binh"] * 7 + ["hoa"]
    assert [(d.day.day, d.stand) for d in days if d.receiver == "lan"] == [(2, "lễ"), (3, "lễ")]
    assert [d.day.day for d in days if d.begins] == [23, 30, 2, 4, 7, 14]


def test_before_the_hand_over_the_turn_is_still_that_of_the_day_before() -> None:
    early = datetime(2026, 11, 29, 23, 0, tzinfo=UTC)  # 06:00 on Monday the 30th
    assert turns(ROTA, early, date(2026, 11, 30)).now == "binh"
    assert turns(ROTA, early + timedelta(hours=1), date(2026, 11, 30)).now == "hoa"


def test_who_is_named_somewhere_is_found() -> None:
    policy = Policy(id="p", name="Xã", stages=(Stage(after_s=0, target=Target.RECEIVER, id="lan"),))
    assert named_in("lan", {"r": ROTA}, [policy]) == ("Trực", "Xã")
    assert named_in("ai-do", {"r": ROTA}, [policy]) == ()


RECEIVER = {
    "name": "Hoa",
    "language": "vi",
    "way.email": "hoa@x.vn, hoa2@x.vn",
    "urgent.webhook.own": "1",
    "quiet_start": "21:00",
    "quiet_end": "06:00",
    "active": "1",
}


def test_a_receiver_is_read_from_a_form() -> None:
    found = pagingforms.receiver(RECEIVER, CHANNELS, name="h")
    assert [w.address for w in found.ways] == ["hoa@x.vn", "hoa2@x.vn"]
    assert found.urgent_ways == (Way(channel="webhook"),)
    assert (found.active, found.daily, found.digest) == (True, False, 5)
    check(found, Ground(organisation=ORGANISATION, channels=CHANNELS))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"way.email": ""}, "ways"),
        ({"way.email": "hoa"}, "way.email"),
        ({"language": "fr"}, "language"),
        ({"quiet_end": ""}, "quiet_end"),
        ({"quiet_end": "21:00"}, "quiet_end"),
        ({"quiet_start": "25:00"}, "quiet_start"),
        ({"digest": "-1"}, "digest"),
    ],
)
def test_a_receiver_that_makes_no_sense_is_refused(change: dict[str, str], field: str) -> None:
    with pytest.raises(BadInputError) as refused:
        pagingforms.receiver(RECEIVER | change, CHANNELS, name="h")
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (Receiver(id="x", name="X", ways=()), "ways"),
        (Receiver(id="x", name="X", ways=(Way(channel="sms"),)), "ways"),
        (Receiver(id="x", name="X", ways=(Way(channel="email"),)), "address"),
        (Receiver(id="x", name="X", ways=(Way(channel="webhook", address="y"),)), "address"),
        (replace(ROTA, members=("nobody",)), "m0"),
        (replace(ROTA, members=()), "m0"),
        (replace(ROTA, days=0), "days"),
        (Policy(id="p", name="P", stages=()), "s0"),
        (Policy(id="p", name="P", stages=(Stage(after_s=0, target=Target.ROTA, id="q"),)), "s0"),
        (
            Policy(
                id="p",
                name="P",
                stages=(Stage(after_s=0, target=Target.SCHOOL),),
                units=("nowhere",),
            ),
            "units",
        ),
        (
            Policy(
                id="p",
                name="P",
                stages=(Stage(after_s=0, target=Target.SCHOOL),),
                schools=("nowhere",),
            ),
            "schools",
        ),
    ],
)
def test_what_names_something_that_there_is_not_is_refused(
    entry: Receiver | Rota | Policy, field: str
) -> None:
    ground = Ground(
        organisation=ORGANISATION,
        channels=CHANNELS,
        receivers=("hoa", "binh", "lan"),
        rotas=("r",),
    )
    with pytest.raises(BadInputError) as refused:
        check(entry, ground)
    assert refused.value.field == field


def form_of(rules: Rules) -> dict[str, str]:
    """Return rules as the page's form says them."""
    given: dict[str, str] = {}
    for line in rule_rows(rules):
        for name in RULE_FIELDS:
            value = getattr(line.rule, name)
            given[f"{line.key}.{name}"] = "" if value is None else f"{value}"
    for name in FIGURES:
        value = getattr(rules, name)
        given[name] = f"{round(value * 100)}" if isinstance(value, float) else f"{value}"
    return given


ZONES: Sequence[str] = ("cong_truong", "san_truong")
OWN = Rules(
    kinds={**DEFAULTS, Kind.CAMERA: Rule(grace_s=300)},
    zones={(Kind.PICTURE, "san_truong"): Rule(grace_s=600, off_hours=Severity.NOTED)},
    flaps=3,
    line_share=0.35,
)


@pytest.mark.parametrize("rules", [Rules(), OWN])
def test_rules_come_back_from_the_form_as_they_went_in(rules: Rules) -> None:
    again = rules_of(form_of(rules), rules, ZONES)
    assert differences(rules, again) == ()
    check_rules(again, ZONES)


def test_a_rule_for_a_zone_is_added_kept_through_a_preview_and_taken_away() -> None:
    given = form_of(Rules()) | {"new_kind": "camera", "new_zone": "cong_truong"}
    added = rules_of(given, Rules(), ZONES)
    assert list(added.zones) == [(Kind.CAMERA, "cong_truong")]
    kept = rules_of(form_of(added), Rules(), ZONES)
    assert dict(kept.zones) == dict(added.zones)
    again = {"camera@cong_truong.grace_s": "99", "new_kind": "camera", "new_zone": "cong_truong"}
    edited = rules_of(form_of(added) | again, added, ZONES)
    assert edited.zones[Kind.CAMERA, "cong_truong"].grace_s == 99
    gone = rules_of(form_of(added) | {"camera@cong_truong.gone": "1"}, added, ZONES)
    assert dict(gone.zones) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"camera.grace_s": "-1"},
        {"camera.grace_s": "99999999"},
        {"camera.in_hours": "soon"},
        {"flaps": "0"},
        {"line_share": "101"},
        {"new_kind": "camera", "new_zone": "moon"},
        {"new_kind": "moon", "new_zone": "cong_truong"},
    ],
)
def test_rules_that_make_no_sense_are_refused(change: dict[str, str]) -> None:
    with pytest.raises(BadInputError):
        rules_of(form_of(Rules()) | change, Rules(), ZONES)


def test_two_versions_differ_in_what_somebody_changed() -> None:
    found = {(d.kind, d.zone, d.name): (d.before, d.after) for d in differences(Rules(), OWN)}
    assert found[Kind.CAMERA, None, "grace_s"] == ("60", "300")
    assert found[Kind.PICTURE, "san_truong", "grace_s"] == (None, "600")
    assert found[None, None, "line_share"] == ("0.2", "0.35")
    assert (None, None, "gather_s") not in found
