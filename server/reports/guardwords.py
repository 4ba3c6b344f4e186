"""What a report says of guards: how many, their posts, how their training stands. Pure."""

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Final

from server.domain.duties import Guards
from server.domain.guards import Trained, training_state
from server.guards.book import Roster
from server.reports.document import Block, Paragraph
from server.reports.wording import number

_TRAINED: Final = {
    Trained.VALID: "đã tập huấn, còn thời hạn",
    Trained.SOON: "đã tập huấn, sắp hết thời hạn",
    Trained.UNSET: "đã tập huấn, chưa quy định thời hạn",
    Trained.EXPIRED: "đã hết thời hạn",
    Trained.NEVER: "chưa được tập huấn",
}


def guards(
    roster: Roster, asked: Guards, schools: Collection[str], today: date
) -> tuple[Block, ...]:
    """Return what was entered of the guards of some schools; nothing where nothing was."""
    there = {n: k.value for n, k in roster.there(today).items() if k.value.school in schools}
    posts = [
        kept.value
        for kept in roster.posts.values()
        if kept.value.school in schools and (kept.value.last is None or today <= kept.value.last)
    ]
    if not there and not posts:
        return ()
    at = len({guard.school for guard in there.values()})
    whole = "" if len(schools) == 1 else f" tại {number(at)}/{number(len(schools))} trường"
    text = f"Có {number(len(there))} bảo vệ{whole}, {number(len(posts))} ca trực tại cổng."
    states = Counter(
        training_state(asked, roster.trainings_of(name), today).state for name in there
    )
    told = [
        f"{number(states[state])} {words}" for state, words in _TRAINED.items() if states[state]
    ]
    training = f" Về tập huấn nghiệp vụ: {'; '.join(told)}." if told else ""
    return (Paragraph(f"{text}{training}"),)
