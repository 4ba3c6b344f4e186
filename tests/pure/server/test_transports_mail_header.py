"""A mail's subject comes out as it went in."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

from hypothesis import given
from hypothesis import strategies as st

from server.transports import Message
from server.transports.email import compose

AT = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = st.lists(
    st.text("aàáảãạbcdđeêễghiìklmnoôộơởpqrstuưữvxyỳ0123456789:/,()[]", min_size=1, max_size=20),
    min_size=1,
    max_size=30,
)


@given(WORDS)
def test_a_subject_loses_nothing_in_a_mail(words: list[str]) -> None:
    subject = " ".join(words)
    message = Message(
        id="m", subject=subject, text="x\n", facts={}, at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    mail = compose(message, sender="a@b.vn", to=("c@d.vn",))
    read = message_from_bytes(bytes(mail), policy=policy.default)
    assert read["Subject"] == subject
    assert all(len(line) <= 78 for line in bytes(mail).split(b"\n\n")[0].splitlines())
