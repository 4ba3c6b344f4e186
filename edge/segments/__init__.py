"""Sightings in, segments out: the state machine of what is said about each camera.

A camera has at most one open segment. A sighting that agrees with it confirms it; one that differs
makes a *candidate*, which becomes the next segment once it has lasted ``confirm_ms`` (by its own
``began_ms``: a freeze that the judge has watched for a minute needs no more). A sighting that
agrees with the open segment forgets the candidate, so a camera that flaps faster than
``confirm_ms`` changes nothing. A candidate that turns into other trouble keeps its beginning: a
camera that is first stalled and then unreachable has not been watching since the stall. Between
trouble and ``up`` a candidate begins anew, so that no trouble is ever counted as watching.

A camera may be *visited*: its last sighting then says when the next look is due (``next_ms``).
Until then, and ``late_after_ms`` longer, what was seen is carried: a silence is no silence. If the
next look agrees, the open segment holds throughout. If it differs, the open segment ends where it
was last seen and the next one begins with the look that differs: what was between the two, nobody
saw, and nothing is claimed of it.

A watermark vouches up to the last looks (``seen_until_ms``) and no further: the machine may be too
busy to look, or the agent may die before it tells what it has not even seen. While a candidate
waits, or when nobody has looked for longer, ``holds`` names the camera, so that a watermark doesn't
vouch for what nobody is sure of. When sightings come again after a silence of ``late_after_ms``
(the PC slept, and its clock counted on), the open segment is closed where it was last sure and the
next one begins no earlier than the new sighting: nobody looked in between, so nothing is claimed.

A run may go over into another boot (``turn_over``): what is open stays open in the former boot, as
far as its last watermark says, and begins anew in the next one. It is one span all the same: a
change that is told afterwards but began before the turn (a freeze is confirmed after a minute)
also ends the former boot's part of it, its ``tail``; until a doubt about the time before the turn
is settled, ``former_holds`` names it.

Invariants, per camera and boot: numbers rise; segments don't overlap and follow each other with no
gap but such silences and what lies between two visits; none is empty, but what begins at a turn and
turns out to have ended before; what has begun never moves. A change is dated when it began, at the
earliest just after the open segment's start.

Times in are ``Clock.ms``; segments and holds are in milliseconds since the boot's origin.
"""

from edge.segments.builder import Builder
from edge.segments.camera import Patience

__all__ = ["Builder", "Patience"]
