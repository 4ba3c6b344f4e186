"""Cameras whose answers are put in unusual words or octets. Pure."""

from collections.abc import Mapping
from typing import Final

from sim import manners
from sim.manners import Manner, answering
from sim.rude.kind import Rude

WORDING: Final[Mapping[str, Rude]] = {
    "no-options": Rude(
        says="answers OPTIONS with 405", manner=Manner(reword=answering(405, "OPTIONS"))
    ),
    "odd-options": Rude(
        says="answers OPTIONS with 551", manner=Manner(reword=answering(551, "OPTIONS"))
    ),
    "lower-case": Rude(
        says="writes headers in lower case, without blanks", manner=Manner(spell=manners.lower_case)
    ),
    "line-feeds": Rude(says="ends lines with LF alone", manner=Manner(spell=manners.line_feeds)),
    "folded": Rude(says="folds every header", manner=Manner(spell=manners.folded)),
    "long-head": Rude(says="has heads of 15 kB", manner=Manner(spell=manners.long_head)),
    "careless": Rude(
        says="puts lines that are no headers into its heads", manner=Manner(spell=manners.careless)
    ),
    "no-blank-line": Rude(
        says="leaves the blank line out after a head", manner=Manner(spell=manners.no_blank_line)
    ),
    "pieces": Rude(says="sends its answers 16 octets at a time", manner=Manner(piece=16)),
    "no-cseq": Rude(says="sends no CSeq", manner=Manner(cseq=lambda _: None)),
    "wrong-cseq": Rude(says="sends CSeq 0 always", manner=Manner(cseq=lambda _: "0")),
    "old-answers": Rude(
        says="answers the former request again first", manner=Manner(before=manners.old_answer)
    ),
    "interim": Rude(says="says 100 Continue first", manner=Manner(before=manners.interim)),
    "asking-back": Rude(
        says="asks its viewers OPTIONS, SET_PARAMETER, ANNOUNCE",
        manner=Manner(after=manners.asking_back),
    ),
}
