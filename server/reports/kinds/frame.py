"""The outside of a report: letterhead, name, recipients, copies, signature."""

from server.reports.document import Annex, Block, Document, Letterhead, Signature
from server.reports.facts import Facts
from server.reports.kinds.passages import bases


def report(
    facts: Facts, about: str, blocks: tuple[Block, ...], annexes: tuple[Annex, ...]
) -> Document:
    """Return a ``Báo cáo`` of the facts' author to the body above it."""
    author = facts.author
    return Document(
        letterhead=Letterhead(
            superior=author.superior,
            issuer=author.issuer,
            number=f"[…]/BC-{author.code}",
            place=author.place,
            day=facts.day,
        ),
        name="Báo cáo",
        about=about,
        to=(author.to or "[…nơi nhận báo cáo…]",),
        bases=bases(facts),
        blocks=blocks,
        copies=("Như trên", "[…nơi nhận khác…]", "Lưu: VT"),
        signatures=(Signature(on_behalf=author.on_behalf, post=author.post),),
        annexes=annexes,
    )
