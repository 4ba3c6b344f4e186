"""The agent's details of connections and of RTSP, as msgids. A pure table.

``details`` makes patterns of them: what stands in ``%(name)s`` is described there.
"""

from typing import Final

from server.texts.tongue import N_

NETWORK: Final = (
    N_("no connection within %(n)s s"),
    N_("no connection in time"),
    N_("%(host)s refuses the connection: nothing listens there"),
    N_("%(host)s can't be reached: %(said)s"),
    N_("the name %(host)s was not resolved within %(n)s s"),
    N_("the name %(host)s does not resolve to an address"),
    N_("the name %(host)s has no address"),
    N_("the handshake was not done within %(n)s s"),
    N_("it accepts the connection but does not answer RTSP"),
    N_("no answer to %(method)s within %(n)s s"),
    N_("%(host)s is open but does not answer TLS; is it rtsp:// rather than rtsps://?"),
)
"""Why there is no connection."""

RTSP: Final = (
    N_("%(answer)s: %(hint)s"),
    N_("%(answer)s, but %(hint)s"),
    N_("%(method)s was answered %(status)s %(reason)s"),
    N_(
        "the camera has refused this user name or password; it is not shown again for %(n)s "
        "min, unless it is changed"
    ),
    N_("the camera closed the connection instead of answering %(method)s"),
    N_(
        "the camera closed the connection instead of answering %(method)s; perhaps it wants "
        "TLS (rtsps://)"
    ),
    N_(
        "the camera closed the connection during the TLS handshake; is it rtsp:// rather "
        "than rtsps://?"
    ),
    N_("the camera broke the connection off"),
    N_("the camera asks and asks, but reads no answer"),
    N_("the certificate of %(host)s does not verify: %(said)s"),
    N_("TLS failed (%(said)s); is it rtsp:// rather than rtsps://?"),
    N_("what it sends can't be read"),
    N_("the camera has forgotten the session (454)"),
    N_("SETUP over TCP was asked, but it means to send by UDP"),
    N_("redirected more than %(n)s times"),
    N_("redirected (%(status)s) to no RTSP address"),
    N_("redirected by a REDIRECT to no RTSP address"),
    N_("the camera describes its stream with an empty answer"),
    N_("what the camera sends as its description is no description"),
    N_("the video is %(said)s; plain H.264 or H.265 is needed"),
    N_("the camera describes no video track"),
    N_("not RTSP: %(said)s"),
    N_("an HTTP server answers here, not RTSP"),
    N_("a web server answers here, not RTSP"),
    N_("an SSH server answers here, not RTSP"),
    N_("a TLS server (try rtsps://) answers here, not RTSP"),
    N_("a TLS client answers here, not RTSP"),
    N_("an RTSP header over %(n)s bytes"),
    N_("a malformed RTSP header line: %(said)s"),
    N_("a malformed or huge Content-Length: %(said)s"),
    N_("an RTSP body of %(n)s bytes; %(limit)s at most"),
)
"""What a camera answers that is no stream; ``%(answer)s`` is the sentence with the status."""

HINTS: Final = (
    N_("it does not understand the request"),
    N_("it forbids this: the account may not view, or is locked"),
    N_("it has no stream at this path"),
    N_("it does not allow this"),
    N_("the stream at this path is gone"),
    N_("it has as many viewers as it allows"),
    N_("it does not know the session that it has just begun"),
    N_("it says that it can't do this now"),
    N_("it wants each track asked for by itself, and refuses that too"),
    N_("it does not send over TCP, which is how we watch"),
    N_("an error inside the camera"),
    N_("it does not know how to do this"),
    N_("it is too busy, or just starting"),
    N_("it speaks another version of RTSP"),
    N_("it does not support what was asked"),
    N_("user name or password is wrong"),
    N_("the camera asks for a user name and a password"),
    N_("it offers %(said)s; Digest or Basic is needed"),
    N_("the login was accepted %(span)s ago: changed, locked, or the sessions are used up"),
    N_(
        "the same login was accepted a moment ago: its sessions are used up, or the account "
        "may not view"
    ),
    N_(
        "another session of ours is served with this login: its sessions are used up, or the "
        "account may not view this"
    ),
    N_(
        "%(n)s other sessions of ours are served with this login: its sessions are used up, "
        "or the account may not view this"
    ),
)
"""What stands behind an answer's status."""
