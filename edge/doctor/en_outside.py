"""The English texts of the world outside: centre, gate readers, cameras."""

from collections.abc import Mapping
from typing import Final

from edge.doctor.sentence import Sentence

OUTSIDE: Final[Mapping[str, Sentence]] = {
    # -------------------------------------------------------------- way to the centre
    "broker.reached": Sentence("{where} can be reached ({ms} ms)."),
    "broker.no_name": Sentence(
        "The address of {host} can't be found ({why}).",
        (
            "Does this machine reach the Internet or the authority's network?",
            "Is the name in centre.url spelt right?",
            "Check the DNS server in the network's settings.",
        ),
    ),
    "broker.timeout": Sentence(
        "{where} does not answer.",
        (
            "Does this machine reach the network?",
            "Ask who keeps the school's firewall whether this port may be used.",
            "Ask the managing unit whether the centre is up.",
        ),
    ),
    "broker.refused": Sentence(
        "Something answers at {where}, but refuses the connection.",
        (
            "Check the port in centre.url (mostly 8883).",
            "Ask the managing unit whether the centre is up.",
        ),
    ),
    "broker.unreachable": Sentence(
        "There is no way through the network to {where} ({why}).",
        (
            "Plug the cable in again, restart the modem.",
            "Check this machine's address and gateway.",
        ),
    ),
    "tls.ok": Sentence("The certificate is good for {days} days (until {ends})."),
    "tls.trusted": Sentence("The certificate is good."),
    "tls.not_needed": Sentence("On this very machine; no encryption is needed."),
    "tls.plain": Sentence(
        "Not encrypted: password and data cross the network for all to read.",
        ("Ask the managing unit for its mqtts:// address and its certificate (ca_file).",),
    ),
    "tls.ends_soon": Sentence(
        "The certificate ends in {days} days ({ends}).",
        ("Tell the managing unit to renew the centre's certificate before that day.",),
    ),
    "tls.expired": Sentence(
        "The certificate of {host} has expired.",
        (
            "Is this machine's date right?",
            "If it is, tell the managing unit to renew the centre's certificate.",
        ),
    ),
    "tls.not_yet": Sentence(
        "The certificate of {host} is not valid yet.",
        ("This machine's clock may be slow: set date and time.",),
    ),
    "tls.wrong_name": Sentence(
        "The certificate is not that of {host} ({why}).",
        (
            "Use the very name that the managing unit gave in centre.url.",
            "If it is right, stop and tell the managing unit: somebody may be posing as it.",
        ),
    ),
    "tls.untrusted": Sentence(
        "The certificate of {host} can't be trusted ({why}).",
        (
            "Ask the managing unit for its root certificate; name the file in centre.ca_file.",
            "If you have it, a virus scanner or a firewall may sit in between.",
        ),
    ),
    "tls.none": Sentence(
        "{host} does not speak TLS on this port ({why}).",
        ("Check the port in centre.url (mqtts: mostly 8883).",),
    ),
    "login.ok": Sentence("Logged in as “{agent}”."),
    "login.refused": Sentence(
        "The centre refuses the name “{agent}” or the password.",
        (
            "Is agent the very name that was registered?",
            "Ask the managing unit for a new password; put it into the secrets file.",
        ),
    ),
    "login.silent": Sentence(
        "This port takes the connection but does not speak MQTT.",
        ("Check mqtt:// or mqtts:// and the port in centre.url.",),
    ),
    "login.closed": Sentence(
        "The centre hung up at the login ({why}).",
        (
            "Check mqtt:// or mqtts:// and the port in centre.url.",
            "If they are right, send this line to the managing unit.",
        ),
    ),
    "rights.listen": Sentence(
        "It may not hear answers ({where}).",
        ("Tell the managing unit: “{agent}” lacks rights (ACL) at the centre.",),
    ),
    "rights.speak": Sentence(
        "It may not send reports ({where}).",
        ("Tell the managing unit: “{agent}” lacks rights (ACL) at the centre.",),
    ),
    "centre.ok": Sentence("It confirmed a test report after {ms} ms."),
    "centre.heard": Sentence("It confirms the running agent's reports."),
    "centre.not_heard": Sentence("The agent is running; no confirmation passed by meanwhile."),
    "centre.silent": Sentence(
        "A report was sent, but the centre's server does not confirm it.",
        ("Nothing is lost meanwhile. Ask the managing unit whether its server is running.",),
    ),
    # -------------------------------------------------------------- gate readers
    "gate.none": Sentence("No gate_input is configured: no gate events are taken."),
    "gate.free": Sentence("{where} is free and can be used."),
    "gate.ours": Sentence("The agent takes gate events on {where}."),
    "gate.not_listening": Sentence(
        "The agent is running but does not take events on {where}.",
        ("Was the configuration changed after its start? Restart it.",),
    ),
    "gate.other_token": Sentence(
        "On {where} there is an agent whose token is another one.",
        (
            "If the token has just been changed, restart the agent.",
            "If there are two agents, give each a port of its own (gate_input.listen).",
        ),
    ),
    "gate.taken": Sentence(
        "Another program uses {where}.",
        (
            "Close it, or change the port in gate_input.listen.",
            "Then change that address in the readers and the guard's page too.",
        ),
    ),
    "gate.forbidden": Sentence(
        "The system does not let us listen on {where}.",
        ("Choose a port over 1024 in gate_input.listen.",),
    ),
    # -------------------------------------------------------------- cameras
    "camera.up": Sentence("{name}: a picture of {size}, {codec}, {fps} frames/s, {kbit_s} kbit/s."),
    "camera.trouble": Sentence("{name}: {summary}{detail}"),
    "camera.busy_with_us": Sentence(
        "{name}: {summary}{detail}",
        ("The running agent holds a session too: see this camera's state at the centre.",),
    ),
    "camera.same_password": Sentence(
        "{name}: not tried: {host} has just refused this password of “{user}” for another channel."
    ),
    "camera.guarded": Sentence(
        "{name}: not tried: the camera has refused this password; more tries would lock it.",
        ("If the camera's own password has just been set to this one, run it with --again.",),
    ),
    "camera.same_host": Sentence("{name}: the same host, {host}, did not answer. {summary}"),
    "camera.no_time": Sentence(
        "{name}: there was no time left for it.",
        ("Run this again with more --seconds.",),
    ),
    "camera.not_asked": Sentence("Not looked at (--no-cameras)."),
}
