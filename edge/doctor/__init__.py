"""``vonggac-edge doctor``: is everything ready for this agent to watch, and if not, what to do?

Every examination is the same: a probe at the rim asks the machine, the broker or a camera, and a
pure function turns what it found into a ``Check``: topic, grade, code and the facts of its
sentence. The sentences stand in ``vi`` and ``en``; ``words`` puts facts into them. ``examine`` runs
all of it within a bounded time and gives each check out as soon as it is known.

It changes nothing that lasts: it connects under a client id of its own, publishes no presence,
begins no spool, sends each password once per camera host, and none that the agent has noted as
refused.
"""

from edge.doctor.check import Check, Grade, Topic, exit_code, worst
from edge.doctor.examine import Options, examine
from edge.doctor.words import Said, say, title

__all__ = [
    "Check",
    "Grade",
    "Options",
    "Said",
    "Topic",
    "examine",
    "exit_code",
    "say",
    "title",
    "worst",
]
