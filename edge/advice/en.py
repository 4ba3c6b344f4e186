"""The English texts."""

from typing import Final

from edge.advice.words import Advice
from wire.vocabulary import Cause

_HAS_PICTURE: Final = "No network cable or password is needed: the camera is connected and sends."
_NO_LADDER: Final = "No ladder and no cloth are needed."

TEXTS: Final[dict[Cause | None, Advice]] = {
    None: Advice("The camera is watching."),
    Cause.NETWORK_UNREACHABLE: Advice(
        "There is no way through the network to the camera.",
        (
            "Bring a spare network cable and a laptop.",
            "Check that camera and switch have power, and that the network port's lights are on.",
            "If they are on, check that the camera still has the IP address that is configured.",
        ),
        "No password is needed: it has not come to a login.",
    ),
    Cause.NETWORK_REFUSED: Advice(
        "Something answers at this address, but it refuses the RTSP port.",
        (
            "Wait two minutes if the camera has just been restarted.",
            "Open the camera's settings: is RTSP on, and is the port right (mostly 554)?",
            "If the settings do not open, cut the camera's power for 10 seconds.",
        ),
        "No new cable is needed: the network works.",
    ),
    Cause.NETWORK_TIMEOUT: Advice(
        "The camera does not answer in time.",
        (
            "Bring a spare network cable; look at the camera's power and its port's lights.",
            "Cut the camera's power for 10 seconds and wait two minutes.",
            "If it still does not answer, check the cable and the switch's port.",
        ),
        "No new password is needed: it has not come to a login.",
    ),
    Cause.RTSP_AUTH: Advice(
        "The camera refuses the user name or the password.",
        (
            "Ask the camera's keeper for the current name and password of the viewing account.",
            "Correct the password in the gate computer's configuration.",
            "If it is right: the account may be locked (wait 30 minutes), or no session is left.",
        ),
        f"No cable is needed: the camera answers. {_NO_LADDER}",
    ),
    Cause.RTSP_NOT_FOUND: Advice(
        "The camera answers, but it has no stream at this path.",
        (
            "Find the right RTSP path of this model in its manual or its settings.",
            "On a recorder, check the channel's number and that a camera is connected to it.",
            "Correct the path in the gate computer's configuration.",
        ),
        f"No cable and no new password are needed. {_NO_LADDER}",
    ),
    Cause.RTSP_BUSY: Advice(
        "The camera has as many viewers as it allows.",
        (
            "Close programs, phones or screens that show this camera.",
            "Let the gate computer watch the sub-stream instead of the main stream.",
            "If the sessions are used up and nobody watches, restart the camera: some hang.",
        ),
        f"No cable and no new password are needed. {_NO_LADDER}",
    ),
    Cause.RTSP_PROTOCOL: Advice(
        "What answers at this address does not speak proper RTSP, or has nothing to watch.",
        (
            "Check the IP address, the port, rtsp:// or rtsps:// (TLS): it may be another device.",
            "If the detail names another codec (such as JPEG), set the encoder to H.264 or H.265.",
            "If all is right, restart the camera; should it go on, ask the maker with the detail.",
        ),
        "No new cable is needed: the network works.",
    ),
    Cause.STREAM_STALLED: Advice(
        "The camera is connected but has stopped sending pictures.",
        (
            "Restart the camera from its settings, or cut its power for 10 seconds.",
            "If it happens often, check the power supply and whether the camera runs too hot.",
            "Note when it happened and ask the maker for newer firmware.",
        ),
        "No new password is needed. The lens needs no cleaning.",
    ),
    Cause.STREAM_NO_KEYFRAME: Advice(
        "The camera sends data, but never a key frame.",
        (
            "Open the camera's encoder settings.",
            "Set the key frame (I-frame, GOP) interval to 2 seconds; turn H.264+ or H.265+ off.",
            "Save and restart the camera.",
        ),
        f"No cable and no new password are needed. {_NO_LADDER}",
    ),
    Cause.STREAM_UNDECODABLE: Advice(
        "Data arrives, but it does not decode to a picture.",
        (
            "Open the encoder settings and choose plain H.264 or H.265.",
            "Restart the camera.",
            "If it goes on, note the detail below; the camera's hardware may be broken.",
        ),
        f"No cable and no new password are needed. {_NO_LADDER}",
    ),
    Cause.STREAM_LOSSY: Advice(
        "Many packets are lost on the way.",
        (
            "Bring a good cable; look for crushed, wet or over-long (100 m) runs and loose plugs.",
            "If it is on Wi-Fi, use a cable or bring the access point nearer.",
            "Lower the bit rate, or watch the sub-stream.",
        ),
        "No new password is needed. The lens needs no cleaning.",
    ),
    Cause.STREAM_SLOW: Advice(
        "Pictures come much more rarely than the camera is set to send them.",
        (
            "Look at the frames per second in the camera's settings.",
            "Close programs that show this camera.",
            "Check the network: a bad cable or weak Wi-Fi makes pictures late.",
        ),
        "No new password is needed. The lens needs no cleaning.",
    ),
    Cause.PICTURE_BLACK: Advice(
        "The picture is almost black.",
        (
            "See whether the lens is covered, capped or painted. Bring a soft cloth and a ladder.",
            "At night: see whether the infrared light and the gate's lamp are on.",
            "If a clean lens stays black, restart the camera; its sensor may be broken.",
        ),
        _HAS_PICTURE,
    ),
    Cause.PICTURE_OVEREXPOSED: Advice(
        "The picture is almost white.",
        (
            "See whether a lamp or the sun shines into the lens; turn or shade it.",
            "At night: see whether infrared comes back from a roof, a wall or a spider's web.",
            "Turn wide dynamic range (WDR) on in the settings.",
        ),
        _HAS_PICTURE,
    ),
    Cause.PICTURE_FROZEN: Advice(
        "The picture stands still: the camera sends an old one again and again.",
        (
            "Restart the camera from its settings, or cut its power for 10 seconds.",
            "If it comes through a recorder, restart that too.",
            "If somebody replays an old picture on purpose, log an incident on the guard's page.",
        ),
        "No network cable or password is needed: the camera is connected.",
    ),
    Cause.PICTURE_BLURRED: Advice(
        "The picture is blurred.",
        (
            "Bring a soft cloth and a ladder; clean the lens, look for mist and spiders' webs.",
            "Focus again in the settings or at the lens.",
            "If there is water inside, replace the seal or the camera.",
        ),
        _HAS_PICTURE,
    ),
    Cause.PICTURE_COVERED: Advice(
        "Something covers the lens.",
        (
            "Bring a soft cloth and a ladder. Look for a bag, tape, a branch or a banner.",
            "Take it away and clean the lens.",
            "If it was put there on purpose, log an incident on the guard's page.",
        ),
        _HAS_PICTURE,
    ),
    Cause.PICTURE_MOVED: Advice(
        "The camera looks in another direction.",
        (
            "Bring a ladder and a screwdriver; turn it back to the reference picture's view.",
            "Tighten the mount.",
            "If the new view is meant, press “This is the new view”.",
        ),
        _HAS_PICTURE,
    ),
    Cause.PICTURE_NOISE: Advice(
        "The picture is full of noise.",
        (
            "At night: see whether the infrared light and the gate's lamp are on.",
            "With an analogue camera: look at the coaxial cable and its BNC plugs.",
            "Check the camera's power supply.",
        ),
        "No new password is needed.",
    ),
    Cause.PICTURE_NO_SIGNAL: Advice(
        "The recorder shows “no signal” on this channel.",
        (
            "See whether the camera on this channel has power.",
            "Check the cable from the camera to the recorder; bring a spare one.",
            "Plug the camera into another channel to tell a broken camera from a broken channel.",
        ),
        "No new password is needed: the recorder answers.",
    ),
    Cause.CLOCK_DRIFT: Advice(
        "The camera's clock is wrong.",
        (
            "Open the time settings and choose UTC+7 (Hanoi).",
            "Turn time synchronisation (NTP) on, with the school's time server.",
        ),
        f"No cable is needed. {_NO_LADDER}",
    ),
    Cause.RECORDING_MISSING: Advice(
        "The recorder holds no recording of this camera.",
        (
            "Look at the channel's recording schedule.",
            "See whether the disk reports errors or is full; bring a spare disk.",
        ),
        f"The camera is not broken. {_NO_LADDER}",
    ),
    Cause.RECORDING_SHORT: Advice(
        "Recordings are kept for less time than the plan asks.",
        (
            "Look at the disk's size and the days of retention in the recorder.",
            "Lower the bit rate or add a disk.",
        ),
        f"The camera is not broken. {_NO_LADDER}",
    ),
}
