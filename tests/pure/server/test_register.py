"""The register by day, held against a model that keeps every day of every thing by itself."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.dated import EVER, OPEN, Dated, Story, always, at, joined, normal, replaced
from server.domain.histories import SchoolHistory, UnitHistory
from server.domain.register import Register
from server.domain.units import Camera, School, Source, Unit, Zone

pytestmark = pytest.mark.long

FIRST = date(2025, 6, 20)
DAYS = [FIRST + timedelta(days=n) for n in range(20)]
LAST = DAYS[-1]


def stories(values: st.SearchStrategy[str]) -> st.SearchStrategy[Story[str]]:
    """Stories from a value (or none) for each of the days; the ends may reach for ever."""

    def of(told: list[str | None], begun: bool, open_: bool) -> Story[str]:
        pieces = [
            Dated(
                value=value,
                first=EVER if begun and day == FIRST else day,
                last=OPEN if open_ and day == LAST else day,
            )
            for day, value in zip(DAYS, told, strict=True)
            if value is not None
        ]
        return normal(pieces)

    runs = st.lists(st.tuples(st.integers(1, 20), st.none() | values), min_size=1, max_size=4).map(
        lambda pairs: [v for n, v in pairs for _ in range(n)][:20]
    )
    padded = runs.map(lambda told: told + [told[-1]] * (20 - len(told)))
    return st.builds(of, padded, st.booleans(), st.booleans())


UNIT_OF = {"a": "xa", "b": "huyen", "c": "tinh"}
WORDS = st.sampled_from(["a", "b", "c"])


@given(stories(WORDS), stories(WORDS))
def test_a_joined_story_says_each_day_what_its_parts_say(
    one: Story[str], other: Story[str]
) -> None:
    both = joined(lambda a, b: None if a is None else f"{a}{b or '-'}", one, other)
    for day in (EVER, *DAYS, OPEN):
        a, b = at(one, day), at(other, day)
        assert at(both, day) == (None if a is None else f"{a}{b or '-'}")
    assert normal(both) == both


@given(stories(WORDS), stories(WORDS), st.sampled_from(DAYS), st.integers(0, 20))
def test_replaced_days_are_told_by_the_other_story(
    one: Story[str], other: Story[str], first: date, days: int
) -> None:
    last = first + timedelta(days=days)
    found = replaced(one, other, first, last)
    for day in (EVER, *DAYS, OPEN):
        assert at(found, day) == at(other if first <= day <= last else one, day)
    assert replaced(one, other, EVER) == other


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match=r"ends .* before it begins"):
        Dated(value=1, first=LAST, last=FIRST)


def _told(story: Story[str], make: object) -> Story[object]:
    return tuple(Dated(value=make(p.value), first=p.first, last=p.last) for p in story)  # type: ignore[operator]


def _unit(name: str, stem: str) -> Unit:
    return Unit(id=stem, name=name, level="xa", parent={"a": "tinh", "b": "huyen"}.get(name))


@st.composite
def registers(draw: st.DrawFn) -> Register:
    """Registers whose things come, go and change on any of the days."""
    units = [
        UnitHistory(id=u, story=_told(draw(stories(WORDS)), lambda n, u=u: _unit(n, u)))  # type: ignore[arg-type]
        for u in ("tinh", "huyen", "xa")
    ]
    schools = []
    for name in ("s1", "s2"):
        headers = _told(
            draw(stories(WORDS)),
            lambda n, s=name: School(id=s, name=n, kind="thcs", unit=UNIT_OF[n]),
        )
        zones = tuple(
            _told(draw(stories(WORDS)), lambda n, z=z: Zone(id=z, name=n, kind="san_truong"))
            for z in ("z1", "z2")
        )
        cameras = tuple(
            _told(
                draw(stories(WORDS)),
                lambda n, c=c: Camera(id=c, name=n, zone="z1", sources=(Source("a", c),)),
            )
            for c in (f"{name}-1", f"{name}-2")
        )
        schools.append(SchoolHistory(id=name, headers=headers, zones=zones, cameras=cameras))  # type: ignore[arg-type]
    return Register().with_changes(units, schools)


@settings(max_examples=40)
@given(registers())
def test_every_day_is_what_each_thing_says_of_that_day(register: Register) -> None:
    for day in (EVER, *DAYS, OPEN):
        told = register.on(day)
        assert {u.id for u in told.units} == {
            u.id for u in register.units.values() if at(u.story, day) is not None
        }
        for history in register.schools.values():
            header, found = at(history.headers, day), told.school(history.id)
            assert (header is None) == (found is None)
            if header is None or found is None:
                continue
            assert (found.name, found.unit) == (header.name, header.unit)
            assert found.zones == tuple(v for z in history.zones if (v := at(z, day)))
            assert found.cameras == tuple(w for c in history.cameras if (w := at(c, day)))


@settings(max_examples=40)
@given(registers(), st.sampled_from(DAYS), st.integers(0, 20))
def test_epochs_cover_exactly_the_days_asked_for(
    register: Register, first: date, days: int
) -> None:
    last = first + timedelta(days=days)
    epochs = register.epochs(first, last)
    assert epochs[0].first == first
    assert epochs[-1].last == last
    for one, after in pairwise(epochs):
        assert one.last + timedelta(days=1) == after.first
    for epoch in epochs:
        for n in range((epoch.last - epoch.first).days + 1):
            assert register.on(epoch.first + timedelta(days=n)) is epoch.organisation


@settings(max_examples=40)
@given(registers(), st.sampled_from(["tinh", "huyen", "xa"]))
def test_a_school_is_under_a_unit_on_the_days_on_which_its_path_holds_it(
    register: Register, unit: str
) -> None:
    found = register.memberships(unit, FIRST, LAST)
    for school in register.schools:
        for day in DAYS:
            under = any(m.school == school and m.first <= day <= m.last for m in found)
            path = [u.id for u in register.unit_path(school, day)]
            header = at(register.schools[school].headers, day)
            below = header is not None and header.unit in register.descendants(unit, day)
            assert under == below
            if unit in path:
                assert under


def test_what_did_not_change_is_the_same_object_on_both_days() -> None:
    moved = Zone(id="z", name="Cổng", kind="cong_truong")
    still = SchoolHistory(
        id="s1", headers=always(School(id="s1", name="Một", kind="thcs", unit="xa"))
    )
    other = SchoolHistory(
        id="s2",
        headers=always(School(id="s2", name="Hai", kind="thcs", unit="xa")),
        zones=((Dated(value=moved, first=DAYS[3]),),),
    )
    register = Register().with_changes(schools=[still, other])
    before, after = register.on(DAYS[2]), register.on(DAYS[3])
    assert before is not after
    assert before.school("s1") is after.school("s1")
    assert register.with_changes(schools=[other]).on(FIRST).school("s1") is before.school("s1")


def test_names_outlive_their_schools() -> None:
    headers = (
        Dated(value=School(id="s", name="Cũ", kind="thcs", unit="xa"), last=DAYS[2]),
        Dated(
            value=School(id="s", name="Mới", kind="thcs", unit="xa"), first=DAYS[3], last=DAYS[5]
        ),
    )
    register = Register().with_changes(schools=[SchoolHistory(id="s", headers=headers)])
    assert register.school_name("s") == "Mới"
    assert register.school_name("s", DAYS[0]) == "Cũ"
    assert register.school_name("s", LAST) == "Mới"
    assert register.school_name("nobody") == "nobody"
    assert register.on(LAST).schools == ()
