"""Routes of the API about the plan and what is owed by it: periods, versions, papers, register."""

from typing import Final

from server.figuring.told_types import PeriodTold, ProofsTold, RepairTold
from server.web.api import plan_types as n
from server.web.api import register_types as g
from server.web.api import report_types as r
from server.web.api.openapi import Operation, Parameter
from server.web.api.plans import get_plan, get_versions, post_check
from server.web.api.register import get_contacts, post_import
from server.web.api.reports import get_report, get_reports, post_report
from server.web.api.route import SCHOOL, Handler
from server.web.periodroutes import get_period, get_proofs, get_repair
from server.web.registerroutes import XLSX, get_workbook
from server.web.reportroutes import get_file

OWED: Final[tuple[tuple[Operation, Handler], ...]] = (
    (
        Operation(
            method="GET",
            path="/coverage/period",
            text="How far the plan was met over some days, what to do first and what it costs",
            answer=PeriodTold,
            query=(
                Parameter(name="unit", text="This unit and all below it; else all schools"),
                SCHOOL,
                Parameter(name="from", text="First local day; 30 days by default", form="date"),
                Parameter(name="to", text="Last local day; today by default", form="date"),
                Parameter(name="step", text="Trend by day, week, month (default), term or year"),
                Parameter(name="zones", text="all: with every zone and camera of every school"),
            ),
        ),
        get_period,
    ),
    (
        Operation(
            method="GET",
            path="/coverage/proofs",
            text="Which cameras failed which place of a school, from when to when",
            answer=ProofsTold,
            query=(
                Parameter(name="school", text="The school"),
                Parameter(name="from", text="First local day; 30 days by default", form="date"),
                Parameter(name="to", text="Last local day; today by default", form="date"),
            ),
        ),
        get_proofs,
    ),
    (
        Operation(
            method="GET",
            path="/cameras/{id}/repair",
            text="A camera and its place in the fourteen days before and after a repair",
            answer=RepairTold,
            query=(Parameter(name="day", text="The local day of the repair", form="date"),),
        ),
        get_repair,
    ),
    (
        Operation(
            method="GET",
            path="/plan",
            text="What the plan in force asks for, line by line with its sources",
            answer=n.PlanOut,
            query=(Parameter(name="on", text="In force on this day; today's", form="date"),),
        ),
        get_plan,
    ),
    (
        Operation(
            method="GET",
            path="/plan/versions",
            text="Versions of the plan, newest first",
            answer=n.PlanVersionsOut,
        ),
        get_versions,
    ),
    (
        Operation(
            method="POST",
            path="/plan/check",
            text="Check a plan's text: its first mistake, or what it says and leaves open",
            answer=n.PlanChecked,
            body=n.PlanText,
        ),
        post_check,
    ),
    (
        Operation(method="GET", path="/reports", text="Reports, newest first", answer=r.ReportsOut),
        get_reports,
    ),
    (
        Operation(
            method="POST",
            path="/reports",
            text="Begin a report; officers only",
            answer=r.ReportOut,
            body=r.ReportIn,
            status=202,
        ),
        post_report,
    ),
    (
        Operation(
            method="GET",
            path="/reports/{id}",
            text="A report, made or on its way",
            answer=r.ReportOut,
        ),
        get_report,
    ),
    (
        Operation(
            method="GET",
            path="/reports/{id}/{form}",
            text="A report's file: docx, pdf or xlsx",
            answer=None,
            media="application/octet-stream",
        ),
        get_file,
    ),
    (
        Operation(
            method="GET",
            path="/register.xlsx",
            text="Units, schools and what stands in them, as sheets; contacts for officers only",
            answer=None,
            query=(
                Parameter(name="on", text="As of this day, YYYY-MM-DD; today", form="date"),
                Parameter(name="history", text="1: all that ever held"),
            ),
            media=XLSX,
        ),
        get_workbook,
    ),
    (
        Operation(
            method="GET",
            path="/schools/{id}/contacts",
            text="Whom to write to at a school, and how many pupils it has; officers only",
            answer=g.ContactsOut,
            query=(Parameter(name="on", text="As of this local day; today", form="date"),),
        ),
        get_contacts,
    ),
    (
        Operation(
            method="POST",
            path="/register/import",
            text="Try an XLSX or CSV file of the register's sheets, or write it; officers only",
            answer=g.ImportOut,
            query=(
                Parameter(
                    name="on", text="Rows without a day hold from this one on; today", form="date"
                ),
                Parameter(name="write", text="true: write it if nothing is wrong", kind="boolean"),
                Parameter(name="name", text="What the file is called in the answer"),
            ),
            takes=(XLSX, "text/csv"),
        ),
        post_import,
    ),
)
