"""The English texts."""

from collections.abc import Mapping
from typing import Final

from edge.doctor.check import Topic
from edge.doctor.en_outside import OUTSIDE
from edge.doctor.sentence import Sentence

_FIX_FILE: Final = "Open {file} with a text editor, correct that place and run this again."

TITLES: Final[Mapping[Topic, str]] = {
    Topic.CONFIG: "Configuration",
    Topic.SECRETS: "Secrets",
    Topic.FOLDER: "Data folder",
    Topic.DISK: "Disk",
    Topic.AGENT: "Agent",
    Topic.CLOCK: "Clock",
    Topic.ZONE: "Time zone",
    Topic.SLEEP: "Sleep",
    Topic.MACHINE: "Machine",
    Topic.DECODER: "Decoder",
    Topic.NETWORK: "Network card",
    Topic.BROKER: "Way to the centre",
    Topic.CENTRE: "Centre",
    Topic.GATE: "Gate readers",
    Topic.CAMERA: "Camera",
}

TEXTS: Final[Mapping[str, Sentence]] = {
    # -------------------------------------------------------------- configuration
    "config.ok": Sentence("Can be read: agent “{agent}”, {cameras} cameras."),
    "config.no_cameras": Sentence(
        "Can be read, but “{agent}” has no camera yet.",
        ("Run vonggac-edge discover --yaml and copy what it finds into cameras.",),
    ),
    "config.unseen": Sentence(
        "Nobody looks at {cameras} for {seconds} s at a time: a loss is told up to {told_s} s "
        "later, not within 90 s.",
        (
            "Recorder shared: allow it more sessions (hosts, sessions), if it gives them.",
            "mode: visit: lower visit_every_s to 30.",
        ),
    ),
    "config.unseen_gate": Sentence(
        "Nobody looks at {cameras} for {seconds} s at a time. If one of them is at a gate, its "
        "loss is told later than 45 s after it.",
        (
            "A gate's camera: mode: visit with visit_every_s at most 30, or mode: hold.",
            "Recorder shared: allow it more sessions (hosts, sessions), if it gives them.",
        ),
    ),
    "config.no_password": Sentence(
        "There is no password for the centre.",
        ("Ask the managing unit for the agent's password; put it into centre.password.",),
    ),
    "config.problem": Sentence("{key}: {why}", (_FIX_FILE,)),
    "config.unusable": Sentence("{file}: {why}", ("Check the path and who may read this file.",)),
    "skipped.config": Sentence("Not looked at: the configuration comes first."),
    "secrets.ok": Sentence("Other users can't read the passwords."),
    "secrets.literal": Sentence(
        "{file} holds a password that other users can read.",
        (
            "Move passwords to a file of their own (secrets_file) and leave ${{NAME}} here.",
            "Or lock the file: chmod 600 {file}",
        ),
    ),
    "secrets.unchecked": Sentence(
        "Rights can't be read on this system; only the account that runs the agent should be able "
        "to read {file}."
    ),
    # -------------------------------------------------------------- folder, disk
    "folder.ok": Sentence("{folder} can be written to (a synced write takes {sync_ms} ms)."),
    "folder.slow": Sentence(
        "Writing to {folder} is slow: {sync_ms} ms each, so gate events are confirmed late.",
        ("Is the disk failing? Better an SSD than a memory card or a USB stick.",),
    ),
    "folder.refused": Sentence(
        "{folder} can't be written to: {why}.",
        (
            "Let the account that runs the agent write to this folder.",
            "Or name another folder in data_dir.",
        ),
    ),
    "disk.ok": Sentence("{free_mb} MB free, at most {needed_mb} MB needed."),
    "disk.tight": Sentence(
        "Only {free_mb} MB free; up to {needed_mb} MB may be needed.",
        ("Delete files that nobody needs from this disk.", "Or lower spool.max_mb."),
    ),
    "disk.full": Sentence(
        "The disk is nearly full: {free_mb} MB left, {needed_mb} MB needed.",
        (
            "Delete files that nobody needs from this disk, now.",
            "If there are none, put data_dir on another disk.",
        ),
    ),
    # -------------------------------------------------------------- agent
    "agent.running": Sentence("It is running."),
    "agent.sending": Sentence("It is running; {waiting} items wait to be sent."),
    "agent.set_aside": Sentence(
        "It is running; {waiting} items wait to be sent; the centre did not take {count} others,"
        " which are set aside.",
        (
            "Nothing need be done with the data: they are tried again once a day.",
            "Send the agent's log to whoever helps; it has the reason.",
        ),
    ),
    "agent.stopped": Sentence("It is not running; {waiting} items wait to be sent."),
    "agent.first": Sentence("It has never run in this folder."),
    "agent.unreadable": Sentence(
        "This account may not read the data folder, so it can't tell whether the agent runs.",
        ("Run this again with the account that runs the agent.",),
    ),
    "agent.foreign_spool": Sentence(
        "The data folder belongs to the agent “{owner}”, not to “{agent}”.",
        ("Give each agent a data_dir of its own, or correct agent.",),
    ),
    "agent.broken_spool": Sentence(
        "The spool can't be read ({why}); the agent will put it aside and begin a new one.",
        ("Check the disk; keep the file spool.sqlite3.broken-… for whoever helps.",),
    ),
    # -------------------------------------------------------------- time
    "clock.measured": Sentence("{offset_s} s apart from the centre's."),
    "clock.synced": Sentence("The system sets it by the network's time."),
    "clock.unknown": Sentence("Could not be compared with the centre's this time."),
    "clock.unsynced": Sentence(
        "Nothing sets it by the network's time.",
        (
            (
                "Switch automatic time on (Windows: Set time automatically; Linux: timedatectl "
                "set-ntp true)."
            ),
        ),
    ),
    "clock.off": Sentence("{offset_s} s apart from the centre's.", ("Switch automatic time on.",)),
    "clock.wrong": Sentence(
        "Wrong by {offset_s} s against the centre's.",
        (
            "Set date and time and switch automatic time on.",
            "If it is wrong again after a power cut, replace the board's battery.",
        ),
    ),
    "clock.implausible": Sentence(
        "It shows {now}: that year can't be right.",
        (
            "Set date and time and switch automatic time on.",
            "If it is wrong again after a power cut, replace the board's battery.",
        ),
    ),
    "zone.ok": Sentence("{zone} (Hanoi)."),
    "zone.other": Sentence(
        "It is {zone}, not UTC+7.",
        (
            (
                "Choose (UTC+07:00) Bangkok, Hanoi, Jakarta. What is sent to the centre is right "
                "all the same: it is in UTC."
            ),
        ),
    ),
    "sleep.off": Sentence("The machine does not go to sleep."),
    "sleep.not_yet": Sentence("It has not slept since it was started."),
    "sleep.slept": Sentence(
        "It has slept {minutes} minutes since it was started, and nobody watched meanwhile.",
        (
            (
                "Windows: Settings > System > Power, Sleep: Never when plugged in; nothing on "
                "closing the lid."
            ),
            "Linux: systemctl mask sleep.target suspend.target hibernate.target",
        ),
    ),
    "sleep.allowed": Sentence(
        "It will sleep after {minutes} idle minutes, and nobody will watch meanwhile.",
        ("Set Sleep to Never when plugged in (Settings > System > Power).",),
    ),
    "sleep.unknown": Sentence("Can't be read; make sure that the machine does not go to sleep."),
    # -------------------------------------------------------------- machine
    "machine.ok": Sentence("{cores} cores, {busy} % busy, {available_mb} MB of memory: enough."),
    "machine.memory": Sentence(
        "Only {available_mb} MB of memory left; about {needs_mb} MB are needed.",
        ("Close programs, or add memory.",),
    ),
    "machine.busy": Sentence(
        "The machine is busy: {busy} % of {cores} cores.",
        ("Find out which program it is (Task Manager, top) and close it.",),
    ),
    "decoder.ok": Sentence("It decodes {codecs} ({ms} ms)."),
    "decoder.failed": Sentence(
        "It can't decode {codec}: {why}.",
        (
            "Install the software anew (its video library is missing or broken).",
            "If that does not help, send this line to whoever helps.",
        ),
    ),
    "network.ok": Sentence("{names}"),
    "network.none": Sentence(
        "No network card is up.",
        ("Plug the cable in; do the port's lights shine?", "Is the card switched off?"),
    ),
    "network.slow": Sentence(
        "{name} runs at {mbit} Mbit/s only.",
        ("Replace the cable (all 8 wires) or use another port of the switch.",),
    ),
    "network.half": Sentence(
        "{name} runs in half duplex: pictures will stutter.",
        ("Set both ends to automatic; replace the cable or an old switch.",),
    ),
    "network.broken": Sentence(
        "{name} has received {count} broken packets.",
        ("Replace the cable; are the RJ45 plugs loose or rusty?",),
    ),
    "network.unknown": Sentence("The network card can't be read."),
    **OUTSIDE,
}
