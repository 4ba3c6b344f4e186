"""Every cause in words, and what to do about it. A pure table; texts are msgids.

Advice follows the design's rule: what to bring, what to look at, what is *not* needed; at most
three steps.
"""

from dataclasses import dataclass
from typing import Final

from server.texts.tongue import N_
from wire.vocabulary import Cause


@dataclass(frozen=True, slots=True)
class CauseWords:
    """A cause in words; all are msgids.

    Attributes:
        label: What it is, in lower case, as a page shows it beside a state.
        steps: What to do, one to three.
        not_needed: What nobody has to bring.
        told: Its line in an alert's message, in full. Only the causes that leave no picture have
            one; any other is named there as it came.
    """

    label: str
    steps: tuple[str, ...]
    not_needed: str = ""
    told: str = ""


_CABLE: Final = N_("No password and no new camera is needed until the cable and power are checked.")
_SETTINGS: Final = N_("No ladder is needed: the camera answers, only its settings are wrong.")
_LENS: Final = N_("No network cable or password is needed: the camera is connected and sends.")
_ENCODER: Final = N_("No cloth or ladder is needed: the fault lies in the stream, not at the lens.")

CAUSES: Final[dict[str, CauseWords]] = {
    Cause.NETWORK_UNREACHABLE: CauseWords(
        N_("the network does not reach it"),
        (
            N_("Bring a network cable and a tester. See whether the camera's power light is on."),
            N_("Follow the cable to the switch; plug it in again or try another port."),
            N_("If several cameras are lost at once, look at their common switch first."),
        ),
        _CABLE,
        told=N_("Cause: the network does not reach it"),
    ),
    Cause.NETWORK_REFUSED: CauseWords(
        N_("it refuses the connection"),
        (
            N_("Check that the camera's RTSP service is switched on and its port is right."),
            N_("Restart the camera, then wait two minutes."),
            N_("Check that no other device has taken the camera's address."),
        ),
        N_("No cable is needed: the device answers on the network."),
        told=N_("Cause: it refuses the connection"),
    ),
    Cause.NETWORK_TIMEOUT: CauseWords(
        N_("it does not answer"),
        (
            N_("See whether the camera has power; switch it off and on once."),
            N_("Check the cable between the camera and the switch."),
            N_("If it answers slowly, check that nobody is flooding the network."),
        ),
        _CABLE,
        told=N_("Cause: it does not answer"),
    ),
    Cause.RTSP_AUTH: CauseWords(
        N_("it refuses the password"),
        (
            N_("Ask who changed the camera's password, and when."),
            N_("Enter the new user name and password on the gate PC."),
            N_("Do not try passwords one after another: the camera may lock itself."),
        ),
        _SETTINGS,
        told=N_("Cause: it refuses the password"),
    ),
    Cause.RTSP_NOT_FOUND: CauseWords(
        N_("the stream's path is wrong"),
        (
            N_("Compare the path in the gate PC's settings with the camera's manual."),
            N_("Check whether the camera was replaced or reset to its factory settings."),
        ),
        _SETTINGS,
        told=N_("Cause: the stream's path is wrong"),
    ),
    Cause.RTSP_BUSY: CauseWords(
        N_("too many viewers"),
        (
            N_("Close viewers that are not needed on phones and other computers."),
            N_("Let the recorder and the gate PC share the camera's second stream."),
        ),
        _SETTINGS,
        told=N_("Cause: too many viewers"),
    ),
    Cause.RTSP_PROTOCOL: CauseWords(
        N_("it answers what is not understood"),
        (
            N_("Check that the address is really a camera's and not another device's."),
            N_("Restart the camera; update its firmware if the fault returns."),
        ),
        _SETTINGS,
        told=N_("Cause: it answers what is not understood"),
    ),
    Cause.STREAM_STALLED: CauseWords(
        N_("the stream has stopped"),
        (
            N_("Restart the camera and watch for two minutes."),
            N_("Check the cable and the switch for a loose plug."),
            N_("If it stops again and again, note the times and call the supplier."),
        ),
        _ENCODER,
        told=N_("Cause: the stream has stopped"),
    ),
    Cause.STREAM_NO_KEYFRAME: CauseWords(
        N_("the stream has no complete pictures"),
        (
            N_("Set the camera's key frame interval to at most two seconds."),
            N_("Restart the camera."),
        ),
        _ENCODER,
        told=N_("Cause: the stream has no whole pictures"),
    ),
    Cause.STREAM_UNDECODABLE: CauseWords(
        N_("the pictures cannot be read"),
        (
            N_("Set the camera to H.264 without the maker's own extensions."),
            N_("Restart the camera; update its firmware if the fault returns."),
        ),
        _ENCODER,
        told=N_("Cause: the pictures cannot be read"),
    ),
    Cause.STREAM_LOSSY: CauseWords(
        N_("data is lost on the way"),
        (
            N_("Check the cable and its plugs; replace a cable that is bent or wet."),
            N_("Check that the switch is not overloaded; lower the camera's bit rate."),
        ),
        _ENCODER,
    ),
    Cause.STREAM_SLOW: CauseWords(
        N_("too few pictures a second"),
        (
            N_("Set the camera's frame rate to what the plan asks for."),
            N_("Lower the resolution of the second stream if the network is slow."),
        ),
        _ENCODER,
    ),
    Cause.PICTURE_BLACK: CauseWords(
        N_("the picture is black"),
        (
            N_("Look whether the lens is covered, or the lens cap is still on."),
            N_(
                "At night: see whether the camera's infrared lamps glow; ask for light at the gate."
            ),
            N_("Restart the camera; if it stays black by day, it has to be repaired."),
        ),
        _LENS,
    ),
    Cause.PICTURE_OVEREXPOSED: CauseWords(
        N_("the picture is too bright"),
        (
            N_(
                "See whether sun or a lamp shines straight into the lens; turn the camera a little."
            ),
            N_("Set the exposure to automatic, switch on backlight compensation."),
        ),
        _LENS,
    ),
    Cause.PICTURE_FROZEN: CauseWords(
        N_("the picture stands still"),
        (
            N_("Restart the camera; the picture should move again within two minutes."),
            N_("If a recorder stands between, restart the recorder's channel too."),
            N_("If it freezes again, call the supplier: a still picture hides what happens."),
        ),
        _LENS,
    ),
    Cause.PICTURE_BLURRED: CauseWords(
        N_("the picture is blurred"),
        (
            N_("Bring a soft cloth and a ladder. Clean the lens and its dome."),
            N_("Turn the focus ring, or start automatic focus in the camera's settings."),
        ),
        _LENS,
    ),
    Cause.PICTURE_COVERED: CauseWords(
        N_("the lens is covered"),
        (
            N_("Bring a soft cloth and a ladder. Look for a bag, tape, a branch or a banner."),
            N_("Take it away and clean the lens."),
            N_("If it was done on purpose, note it as a security incident."),
        ),
        _LENS,
    ),
    Cause.PICTURE_MOVED: CauseWords(
        N_("the camera has been turned away"),
        (
            N_("Bring a ladder and a screwdriver. Turn the camera back to the place it watches."),
            N_("Tighten its mount."),
            N_("If it was done on purpose, note it as a security incident."),
        ),
        _LENS,
    ),
    Cause.PICTURE_NOISE: CauseWords(
        N_("the picture is full of noise"),
        (
            N_("Check the camera's power supply and its plug for damp."),
            N_("At night: more light at the place, or the infrared lamps, will help."),
        ),
        _LENS,
    ),
    Cause.PICTURE_NO_SIGNAL: CauseWords(
        N_("the recorder shows “no signal”"),
        (
            N_("Check the cable between the camera and the recorder."),
            N_("See whether the camera has power."),
            N_("Check on the recorder that the channel is set to the right camera."),
        ),
        N_("No password is needed: the recorder answers; its channel has no camera."),
    ),
    Cause.CLOCK_DRIFT: CauseWords(
        N_("its clock is wrong"),
        (
            N_("Set the camera's time from the network (NTP) and the time zone to UTC+7."),
            N_("Check the date on a recording."),
        ),
        _SETTINGS,
    ),
    Cause.RECORDING_MISSING: CauseWords(
        N_("nothing is being recorded"),
        (
            N_("Check that the recorder runs and its disk is healthy."),
            N_("Check that the camera's channel is set to record."),
        ),
    ),
    Cause.RECORDING_SHORT: CauseWords(
        N_("recordings are kept too short a time"),
        (
            N_("Check the recorder's free space; a larger disk may be needed."),
            N_("Lower the bit rate if the picture allows it."),
        ),
    ),
}
