"""One kind of rudeness. Pure."""

from dataclasses import dataclass

from sim.faults import Fault
from sim.manners import PROPER, Manner
from wire.vocabulary import Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Rude:
    """One kind of rudeness.

    Attributes:
        says: What the camera does.
        expect: The cause that a watcher must name; None: it is up in spite of all.
        told: Words that the detail must hold, or empty.
        manner: How it behaves.
        fault: What is wrong with it besides.
        path: Where its stream is.
        user: Its user.
        password: Its password.
        sets_in_band: As in ``CameraSpec``.
    """

    says: str
    expect: Cause | None = None
    told: str = ""
    manner: Manner = PROPER
    fault: Fault | None = None
    path: str = "/Streaming/Channels/102"
    user: str = "viewer"
    password: str = "matkhau-123"  # noqa: S105 (a simulated camera's)
    sets_in_band: bool = True
