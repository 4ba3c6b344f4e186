"""What leaves now, what waits, and what becomes one message. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.domain.paging.people import Occasion, Way
from server.domain.paging.posting import Door, Due, Post, room_left, sort_post
from tests.pure.server.paging_people import MORNING


def door(name: str) -> Door:
    return Door(name, Way(channel="email", address=f"{name}@x"))


def due(name: str, *, to: str = "an", ago_s: float = 1, urgent: bool = False,
        occasion: Occasion = Occasion.OPENED) -> Due:  # fmt: skip
    return Due(id=name, door=door(to), occasion=occasion, incident=f"i-{name}", urgent=urgent,
               at=MORNING - timedelta(seconds=ago_s))  # fmt: skip


def post(letters: Sequence[Due], *, left: Mapping[Door, Sequence[datetime]] | None = None,
         most: int = 5, room: int | None = None, apart: bool = False) -> Post:  # fmt: skip
    return sort_post(
        letters, left=left or {}, digest=lambda _: most, room=room, now=MORNING, apart=apart
    )


def ids(letters: Sequence[Due]) -> list[str]:
    return [letter.id for letter in letters]


def sent(*ago_s: float, to: str = "an") -> dict[Door, list[datetime]]:
    return {door(to): [MORNING - timedelta(seconds=ago) for ago in ago_s]}


def many(number: int, **changes: object) -> list[Due]:
    return [due(f"l{n}", **changes) for n in range(number)]  # type: ignore[arg-type]


def test_a_few_messages_leave_one_by_one() -> None:
    found = post(many(5))
    assert ids(found.leaving) == ["l0", "l1", "l2", "l3", "l4"]
    assert not found.bundles


def test_more_become_one_after_a_minute() -> None:
    assert post(many(6)) == Post()
    (bundle,) = post(many(6, ago_s=60)).bundles
    assert len(bundle) == 6


def test_urgent_ones_wait_a_few_seconds_only_for_their_siblings() -> None:
    assert post(many(6, urgent=True, ago_s=4)) == Post()
    assert len(post(many(6, urgent=True, ago_s=5)).bundles) == 1


def test_after_a_bundle_urgent_ones_wait_less_than_a_minute_and_others_ten() -> None:
    left = sent(*range(3, 8))
    assert post([due("u", urgent=True, ago_s=44)], left=left) == Post()
    assert ids(post([due("u", urgent=True, ago_s=45)], left=left).leaving) == ["u"]
    assert post([due("n", ago_s=599)], left=left) == Post()
    assert ids(post([due("n", ago_s=600)], left=left).leaving) == ["n"]


def test_messages_of_ten_minutes_ago_count_no_more() -> None:
    assert ids(post(many(5), left=sent(600, 601, 602)).leaving) == ["l0", "l1", "l2", "l3", "l4"]


def test_nobody_elses_messages_count() -> None:
    letters = [*many(6), due("other", to="binh")]
    assert ids(post(letters).leaving) == ["other"]


def test_who_wants_no_digest_gets_every_message() -> None:
    assert len(post(many(50), most=0).leaving) == 50


def test_a_program_gets_every_message_by_itself_at_once() -> None:
    found = post(many(50), apart=True, left=sent(1, 2, 3))
    assert len(found.leaving) == 50
    assert not found.bundles


def test_what_a_turn_begins_with_is_one_message_at_once_and_counts_for_no_digest() -> None:
    handed = [due(f"h{n}", occasion=Occasion.HANDOVER) for n in range(2)]
    found = post([*handed, *many(5)])
    assert found.bundles == (tuple(handed),)
    assert ids(found.leaving) == ["l0", "l1", "l2", "l3", "l4"]
    assert post(handed, most=0).bundles == (tuple(handed),)
    assert ids(post(handed[:1]).leaving) == ["h0"]
    assert ids(post(handed, apart=True).leaving) == ["h0", "h1"]


def test_the_morning_word_and_digests_are_never_gathered() -> None:
    alone = [due("d", occasion=Occasion.DIGEST), due("m", occasion=Occasion.ALL_CLEAR)]
    found = post([*many(6), *alone])
    assert ids(found.leaving) == ["d", "m"]


def test_openings_before_what_is_over_and_urgent_ones_first() -> None:
    letters = [
        due("over", occasion=Occasion.RECOVERED, ago_s=50),
        due("calm", ago_s=40),
        due("urgent", urgent=True, ago_s=1),
        due("next", occasion=Occasion.ESCALATED, urgent=True, ago_s=0.5),
    ]
    assert ids(post(letters).leaving) == ["urgent", "next", "calm", "over"]
    assert ids(post(letters, room=2).leaving) == ["urgent", "next"]


def test_receivers_take_turns() -> None:
    letters = [due(f"a{n}", to="an", ago_s=50 - n) for n in range(3)]
    letters += [due(f"b{n}", to="binh", ago_s=10 - n) for n in range(2)]
    assert ids(post(letters).leaving) == ["a0", "b0", "a1", "b1", "a2"]


def test_a_channels_room() -> None:
    left = [MORNING - timedelta(seconds=ago) for ago in (1, 30, 59, 61, 300)]
    assert room_left(left, per_minute=None, now=MORNING) is None
    assert room_left(left, per_minute=10, now=MORNING) == 7
    assert room_left(left, per_minute=2, now=MORNING) == 0


_LETTERS = st.lists(
    st.builds(
        due,
        st.uuids().map(str),
        to=st.sampled_from(["an", "binh", "chi"]),
        ago_s=st.integers(0, 1200),
        urgent=st.booleans(),
        occasion=st.sampled_from(
            [
                Occasion.OPENED,
                Occasion.ESCALATED,
                Occasion.RECOVERED,
                Occasion.DIGEST,
                Occasion.HANDOVER,
            ]
        ),
    ),
    max_size=40,
)


@given(_LETTERS, st.lists(st.integers(0, 1200), max_size=12), st.integers(0, 6))
def test_nothing_is_lost_or_sent_twice_and_nothing_urgent_waits_a_minute(
    letters: list[Due], left: list[int], most: int
) -> None:
    found = post(letters, left=sent(*left), most=most)
    handled = [*found.leaving, *(d for bundle in found.bundles for d in bundle)]
    assert len({d.id for d in handled}) == len(handled)
    assert {d.id for d in handled} <= {d.id for d in letters}
    waiting = {d.id for d in letters} - {d.id for d in handled}
    for letter in letters:
        age = (MORNING - letter.at).total_seconds()
        if letter.id in waiting:
            assert age < (45 if letter.urgent else 600)
    for bundle in found.bundles:
        assert len({d.door for d in bundle}) == 1
        assert len(bundle) > 1
