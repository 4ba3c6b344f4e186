"""Words of yearly work: states of papers, marks, results, rules, refusals, evidence. Pure."""

from collections.abc import Callable, Mapping
from typing import Final

from server.domain import duties_owed, evaluation
from server.domain.criteria import EvidenceKind
from server.domain.duties_owed import Deed, Status
from server.domain.evaluation import Mark, Proof, Result, Stage
from server.domain.points import Met
from server.texts.guards import presence_text, training_text
from server.texts.tongue import N_, Tongue

STATUSES: Final = {
    Status.NO_DAY: N_("Not set"),
    Status.OWED: N_("Not handed in yet"),
    Status.OVERDUE: N_("Overdue"),
    Status.HANDED_IN: N_("Handed in"),
    Status.RETURNED: N_("Given back"),
    Status.APPROVED: N_("Approved"),
}
LOOKS: Final = {
    Status.NO_DAY: "unset",
    Status.OWED: "unset",
    Status.OVERDUE: "down",
    Status.HANDED_IN: "unk",
    Status.RETURNED: "deg",
    Status.APPROVED: "up",
}
"""The style sheet's short names."""
DEEDS: Final = {
    Deed.HANDED_IN: N_("handed in"),
    Deed.APPROVED: N_("approved"),
    Deed.RETURNED: N_("given back"),
}
MARKS: Final = {Mark.MET: N_("Met"), Mark.NOT_MET: N_("Not met")}
STAGES: Final = {
    Stage.DRAFT: N_("The school is writing"),
    Stage.SUBMITTED: N_("Waiting for the office"),
    Stage.JUDGED: N_("Judged"),
}
RESULTS: Final = {
    Result.MET: N_("Met"),
    Result.NOT_MET: N_("Not met"),
    Result.SUBMITTED: N_("Waiting for the office"),
    Result.DRAFT: N_("The school is writing"),
    Result.NONE: N_("Not begun"),
    Result.NOT_APPLICABLE: N_("Does not apply"),
}
RESULT_LOOKS: Final = {
    Result.MET: "up",
    Result.NOT_MET: "down",
    Result.SUBMITTED: "unk",
    Result.DRAFT: "unset",
    Result.NONE: "unset",
    Result.NOT_APPLICABLE: "exc",
}
SCHOOL_STATES: Final = {
    "late": N_("Something is late"),
    "owing": N_("Not everything is handed in"),
    "unjudged": N_("Not judged yet"),
}
"""By what schools are picked from the list of a year."""
RESULT_STATES: Final = {
    "listed": N_("Proposed for commendation"),
    **{result.value: word for result, word in RESULTS.items()},
}
"""By what schools are picked from the list of results."""
RULES: Final = {
    "result": N_("Judged as meeting the criteria"),
    "least_percent": N_("Watched for the asked share of time"),
    "no_late": N_("No paper was late"),
    "no_open_findings": N_("No finding of an inspection is open"),
}
METS: Final = {
    Met.MET: N_("Met"),
    Met.NOT_MET: N_("Not met"),
    Met.CANNOT_TELL: N_("Cannot tell"),
}
MET_LOOKS: Final = {Met.MET: "up", Met.NOT_MET: "down", Met.CANNOT_TELL: "unk"}
TURNS_REFUSED: Final = {
    duties_owed.Objection.APPROVED: N_("It is approved already: it stays as it is."),
    duties_owed.Objection.NOT_HANDED_IN: N_("Nothing is handed in that could be read."),
    duties_owed.Objection.SAME_PERSON: N_(
        "Whoever handed it in can't approve it or give it back: another person has to."
    ),
    duties_owed.Objection.NO_REASON: N_("Say why it is given back."),
}
STEPS_REFUSED: Final = {
    evaluation.Objection.WRONG_STAGE: N_("That can't be done at this stage: look at it again."),
    evaluation.Objection.UNMARKED: N_("Every criterion needs its mark first."),
    evaluation.Objection.SAME_PERSON: N_(
        "Whoever submitted it can't judge it: another person has to."
    ),
    evaluation.Objection.NO_REASON: N_("Say why it is sent back."),
    evaluation.Objection.NO_RESULT: N_("Say what the whole comes to: met or not met."),
}
FILES_REFUSED: Final = {
    "empty": N_("Choose a file first."),
    "unknown": N_("Only PDF, DOCX, XLSX, JPG and PNG files are taken; this is something else."),
    "macros": N_("The file holds macros or programs: save it without them, or as PDF."),
    "locked": N_(
        "The file is locked by a password, or of an old format: save it as PDF, DOCX or XLSX."
    ),
    "broken": N_("The file is broken: open it, save it again and send that."),
    "too_large": N_("The file is too large once unpacked."),
}
FIELDS: Final = {
    "file": N_("File"),
    "note": N_("Note"),
    "least_percent": N_("Watched at least, in percent"),
    "source": N_("Source"),
    "reason": N_("Reason"),
}
EVIDENCE: Final = {
    EvidenceKind.COVERAGE: N_("Coverage"),
    EvidenceKind.UPTIME: N_("Uptime in school hours"),
    EvidenceKind.PICTURE: N_("Picture as asked"),
    EvidenceKind.INCIDENTS: N_("Technical faults"),
    EvidenceKind.INSPECTIONS: N_("Inspections"),
    EvidenceKind.GUARDS: N_("Guards"),
    EvidenceKind.TRAINING: N_("Training of guards"),
    EvidenceKind.GATE_LOG: N_("Entry and exit log"),
    EvidenceKind.DOCUMENTS: N_("Papers of the year"),
    EvidenceKind.PAPER: N_("The school's own papers"),
}


def proof_text(tongue: Tongue, kind: EvidenceKind, proof: Proof | None) -> str:
    """Return what the system knows of one kind of evidence, in a sentence."""
    if proof is None or kind not in _SENTENCES:
        return tongue.text("Shown by the school's papers; the system does not know it.")
    return _SENTENCES[kind](tongue, proof.numbers)


def _coverage(tongue: Tongue, n: Mapping[str, int]) -> str:
    required = n["met"] + n["not_met"] + n["cannot_tell"]
    if not required:
        return tongue.text("No required time yet, so nothing can be told.")
    share = tongue.percent_range(n["met"] / required, (n["met"] + n["cannot_tell"]) / required)
    text = tongue.text("Watched for %(share)s of required time.", share=share)
    return text if not n["unset_days"] else f"{text} {_unset(tongue, n['unset_days'])}"


def _unset(tongue: Tongue, days: int) -> str:
    return tongue.count(
        "Of %(num)s day nobody says what is asked.",
        "Of %(num)s days nobody says what is asked.",
        days,
    )


def _uptime(tongue: Tongue, n: Mapping[str, int]) -> str:
    if not n["counted"]:
        return tongue.text("No required time yet, so nothing can be told.")
    share = tongue.percent_range(n["up"] / n["counted"], (n["up"] + n["unknown"]) / n["counted"])
    return tongue.text("Cameras worked for %(share)s of the time that counts.", share=share)


def _picture(tongue: Tongue, n: Mapping[str, int]) -> str:
    return tongue.text(
        "Areas with the asked picture: %(met)s, without: %(not_met)s, cannot tell: %(unknown)s.",
        met=n["met"],
        not_met=n["not_met"],
        unknown=n["cannot_tell"],
    )


def _incidents(tongue: Tongue, n: Mapping[str, int]) -> str:
    return tongue.text(
        "Technical faults of the year: %(all)s, still open: %(open)s.",
        all=n["faults"],
        open=n["open"],
    )


def _inspections(tongue: Tongue, n: Mapping[str, int]) -> str:
    if not n["visits"]:
        return tongue.text("No inspection was confirmed this year.")
    return tongue.text(
        "Inspections: %(visits)s, findings: %(findings)s, still open: %(open)s, late: %(late)s.",
        **n,
    )


def _gate_log(tongue: Tongue, n: Mapping[str, int]) -> str:
    return tongue.text("Entries of the gate log: %(n)s.", n=tongue.number(n["events"]))


def _documents(tongue: Tongue, n: Mapping[str, int]) -> str:
    return tongue.text("Papers owed: %(owed)s, handed in: %(handed_in)s, late: %(late)s.", **n)


_SENTENCES: Final[Mapping[EvidenceKind, Callable[[Tongue, Mapping[str, int]], str]]] = {
    EvidenceKind.COVERAGE: _coverage,
    EvidenceKind.UPTIME: _uptime,
    EvidenceKind.PICTURE: _picture,
    EvidenceKind.INCIDENTS: _incidents,
    EvidenceKind.INSPECTIONS: _inspections,
    EvidenceKind.GUARDS: presence_text,
    EvidenceKind.TRAINING: training_text,
    EvidenceKind.GATE_LOG: _gate_log,
    EvidenceKind.DOCUMENTS: _documents,
}
