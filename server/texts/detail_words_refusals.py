"""Why the centre refused what a gate PC sent, as msgids. A pure table; see ``details``.

The reasons are made by ``wire.codec`` and ``server.ingest``; ``%(said)s`` keeps the parser's or
the database's own words, which are for whoever mends the program.
"""

from typing import Final

from server.texts.tongue import N_

REFUSALS: Final = (
    N_("payload of %(n)s bytes is over the limit of %(limit)s"),
    N_("version %(said)s is not major.minor"),
    N_("version %(host)s is not one that this version %(old)s reads"),
    N_("not a readable message: %(said)s"),
    N_("not a readable item: %(said)s"),
    N_("the gap ends (%(n)s) before it starts (%(of)s)"),
    N_("a segment can't say unknown: that is what no segment means"),
    N_("the segment ends (%(n)s) before it starts (%(of)s)"),
    N_("the report tells nothing of the boot %(said)s"),
    N_("the gate %(said)s is not one of this agent's"),
    N_("the database refuses it: %(said)s"),
)
