"""Words for a plan's lines, warnings and refusals: tables of msgids by the file's keys. Pure."""

from collections.abc import Mapping
from typing import Final

from server.domain.planfacts import Topic
from server.domain.planwarnings import WarningKind
from server.texts.tongue import N_

ENGLISH_KINDS: Final[Mapping[str, str]] = {
    "mam_non": "Kindergarten",
    "tieu_hoc": "Primary school",
    "thcs": "Lower secondary school",
    "thpt": "Upper secondary school",
    "lien_cap": "School of several levels",
    "nhom_tre_doc_lap": "Independent childcare group",
}
TOPICS: Final[Mapping[Topic, str]] = {
    Topic.PAPER: N_("The paper"),
    Topic.CAMERAS: N_("Cameras by area"),
    Topic.PICTURE: N_("Picture"),
    Topic.UPTIME: N_("Uptime"),
    Topic.CALENDAR: N_("School calendar"),
    Topic.RETENTION: N_("How long things are kept"),
    Topic.GUARDS: N_("Guards"),
    Topic.DOCUMENTS: N_("Papers that are owed"),
    Topic.CRITERIA: N_("Criteria"),
    Topic.SECURITY: N_("Cameras as devices"),
}
LABELS: Final[Mapping[str, str]] = {
    "plan.title": N_("Title"),
    "plan.version": N_("Version"),
    "plan.issued_by": N_("Issued by"),
    "plan.document_no": N_("Number of the paper"),
    "plan.issued_on": N_("Day of issue"),
    "plan.effective.from": N_("In force from"),
    "plan.effective.to": N_("In force to"),
    "forbidden_zones": N_("Places where no camera may be"),
    "uptime.required_percent": N_("Uptime asked for"),
    "uptime.measured_over": N_("Uptime is counted over"),
    "counts_degraded.causes": N_("Poor pictures that still count as watching"),
    "uptime.offline_alert_after_s": N_("Alert after"),
    "calendar.school_year": N_("School years"),
    "calendar.holidays.from": N_("Public holidays are off"),
    "calendar.holidays.confirmed_by": N_("Public holidays confirmed by"),
    "calendar.outside_hours": N_("Cameras run outside school hours, too"),
    "recording_retention_days": N_("Recordings are kept"),
    "findings_close_after_days": N_("A finding of an inspection closes itself after"),
    "guards.minimum.per_gate": N_("Guards at each gate and shift"),
    "guards.minimum.per_shift": N_("Guards in each shift"),
    "guards.minimum.per_pupils": N_("Pupils to one guard, at most"),
    "guards.training.every": N_("Guards are trained every"),
    "guards.training.certificate_required": N_("A certificate is needed"),
    "guards.training.certificate_valid": N_("A certificate is good for"),
    "active_criteria_set": N_("Set of criteria that holds"),
}
FIELDS: Final[Mapping[str, str]] = {
    "required": N_("must be watched"),
    "min_cameras": N_("number of cameras"),
    "min_width": N_("picture width"),
    "min_height": N_("picture height"),
    "min_fps": N_("pictures a second"),
    "every": N_("how often"),
    "due": N_("due day"),
    "first": N_("first day"),
    "last": N_("last day"),
    "term1_last": N_("last day of the first term"),
}
LOGS: Final[Mapping[str, str]] = {
    "pupils": N_("Gate log of pupils is kept"),
    "visitors": N_("Gate log of visitors is kept"),
    "vehicles": N_("Gate log of vehicles is kept"),
}
SECURITY: Final[Mapping[str, str]] = {
    "conformity_qcvn135": N_("Conforms to QCVN 135"),
    "default_password_changed": N_("The maker's password was changed"),
    "system_level_dossier": N_("The system's security level is filed"),
}
OFFICES: Final[Mapping[str, str]] = {
    "truong": N_("the school"),
    "don_vi_quan_ly": N_("the managing unit"),
    "so_gddt": N_("the department of education"),
}
FORBIDDEN: Final[Mapping[str, str]] = {
    "nha_ve_sinh": N_("toilets"),
    "phong_thay_do": N_("changing rooms"),
    "phong_y_te_kham": N_("medical examination rooms"),
}
WORDS: Final[Mapping[str, str]] = {
    "school_hours": N_("school hours"),
    "always": N_("all the time"),
    "every_week": N_("every week of the year"),
}
WARNINGS: Final[Mapping[WarningKind, str]] = {
    WarningKind.SOURCE_ENDED: N_("%(source)s is no longer in force."),
    WarningKind.SOURCE_NOT_YET: N_("%(source)s is not in force yet: from %(day)s."),
    WarningKind.SOURCE_TO_CHECK: N_("Somebody should check whether %(source)s is in force."),
    WarningKind.PLAN_ENDED: N_("This plan ended on %(day)s."),
    WarningKind.PLAN_NOT_YET: N_("This plan is in force from %(day)s."),
    WarningKind.CALENDAR_ENDS: N_(
        "The last school year that is set ends on %(day)s. What is asked after it can't be told."
    ),
}
NO_YEAR: Final = N_("No school year is set: what is asked over school hours can't be told.")
REPLACED: Final = N_("It was replaced by %(successor)s.")
REPLACED_ON: Final = N_("It was replaced on %(day)s by %(successor)s.")
REFUSALS: Final[Mapping[str, str]] = {
    "not_there": N_("There is no such version of the plan."),
    "too_large": N_("The text is too long for a plan."),
    "fixed": N_("This version is confirmed or withdrawn: it does not change any more."),
    "not_submitted": N_("This version was not handed over for confirming."),
    "same_person": N_("You typed in this version; a second person has to confirm it."),
    "unreadable": N_("The text has a mistake that has to be put right first."),
    "not_open": N_("This value can't be set here: edit the text."),
    "shared_source": N_(
        "Another value beside it rests on the source there: edit the text and write both sources."
    ),
    "version_taken": N_("A confirmed plan has this id and version: give this one a new version."),
}
