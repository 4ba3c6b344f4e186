"""Makes of guards what programs read: see ``guard_types``. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from server.domain.duties import Guards
from server.domain.guards import training_state
from server.figuring.told import met_told
from server.guards.book import Roster
from server.guards.duty import PlaceDuty
from server.web.api import guard_types as g
from server.web.pages.choosing import Sheet
from server.web.pages.guards import GuardsRow, evidence

MOST_SPANS: Final = 200
_MINUTES: Final = 60


def guards_out(found: Sheet[GuardsRow]) -> g.GuardsOut:
    """Return a page of the list."""
    return g.GuardsOut(
        found=found.found,
        page=found.page,
        pages=found.pages,
        schools=tuple(
            g.GuardsRowOut(
                school=row.school.id,
                name=row.school.name,
                guards=row.guards,
                posts=row.posts,
                gates_without=row.gates_without,
                trained={state.value: n for state, n in sorted(row.trained.items())},
            )
            for row in found.rows
        ),
    )


def school_guards_out(
    school: str, roster: Roster, asked: Guards, today: date, *, phones: bool
) -> g.SchoolGuardsOut:
    """Return what is written of a school's guards; ``phones``: with theirs."""
    return g.SchoolGuardsOut(
        school=school,
        guards=tuple(_guards(roster, asked, today, phones=phones)),
        posts=tuple(_posts(roster, today)),
        roster=tuple(
            g.ShiftOut(
                id=name,
                post=kept.value.post,
                guard=kept.value.guard,
                first=kept.value.first,
                last=kept.value.last,
                revision=kept.revision,
            )
            for name, kept in sorted(roster.shifts.items())
        ),
        trainings=tuple(
            g.TrainingOut(
                id=name,
                guard=kept.value.guard,
                day=kept.value.day,
                certificate=kept.value.certificate,
                valid_until=kept.value.valid_until,
                revision=kept.revision,
            )
            for name, kept in sorted(roster.trainings.items())
        ),
    )


def duty_out(school: str, places: Sequence[PlaceDuty], *, first: date, last: date) -> g.DutyOut:
    """Return whether enough guards were there."""
    return g.DutyOut(
        school=school, first=first, last=last, places=tuple(_place(place) for place in places)
    )


def _guards(roster: Roster, asked: Guards, today: date, *, phones: bool) -> Sequence[g.GuardOut]:
    found = []
    for name, kept in roster.there(today).items():
        state = training_state(asked, roster.trainings_of(name), today)
        trained = g.TrainedOut(
            state=state.state,
            last=state.last.day if state.last else None,
            until=state.until,
            certificate_missing=state.certificate_missing,
        )
        found.append(
            g.GuardOut(
                id=name,
                code=kept.value.code,
                name=kept.value.name,
                phone=kept.value.phone if phones else None,
                since=kept.value.since,
                training=trained,
                revision=kept.revision,
            )
        )
    return sorted(found, key=lambda guard: guard.code)


def _posts(roster: Roster, today: date) -> Sequence[g.PostOut]:
    found = [
        g.PostOut(
            id=name,
            gate=kept.value.gate,
            name=kept.value.name,
            days=kept.value.days,
            start=_clock(kept.value.start_min),
            end=_clock(kept.value.end_min),
            school_days=kept.value.school_days,
            first=kept.value.first,
            last=kept.value.last,
            today=tuple(
                shift.value.guard
                for shift in roster.shifts.values()
                if shift.value.post == name and shift.value.holds(today)
            ),
            revision=kept.revision,
        )
        for name, kept in roster.posts.items()
    ]
    return sorted(found, key=lambda post: (post.gate, post.start, post.id))


def _place(place: PlaceDuty) -> g.PlaceDutyOut:
    short = evidence(place)
    return g.PlaceDutyOut(
        gate=place.gate.id if place.gate else None,
        basis=place.basis,
        need=place.need,
        pupils=place.pupils,
        has_posts=place.has_posts,
        seconds=None if place.seconds is None else met_told(place.seconds),
        unset_days=place.unset_days,
        short=tuple(
            g.DutySpanOut(
                start=span.interval.start,
                end=span.interval.end,
                met=span.met,
                certain=span.certain,
                possible=span.possible,
            )
            for span in short[:MOST_SPANS]
        ),
        short_count=len(short),
    )


def _clock(minutes: int) -> str:
    return f"{minutes // _MINUTES:02}:{minutes % _MINUTES:02}"
