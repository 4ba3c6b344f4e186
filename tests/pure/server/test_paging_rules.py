"""Rules that people wrote come back from the book as they were written."""

from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

from server.domain.incident.model import Kind, Severity
from server.domain.incident.rules import DEFAULTS, Rule, Rules
from server.paging.rules import put_rules, read_rules
from server.storage import Put, Record

YARD = Rule(grace_s=600, off_hours=Severity.NOTED)


def record(put: Put) -> Record:
    return Record(
        kind=put.kind,
        id=put.id,
        revision=put.expected + 1,
        school=None,
        unit=None,
        day=None,
        data=put.data,
        by="hoa",
        at=datetime(2026, 11, 22, tzinfo=UTC),
        gone=False,
    )


def test_rules_come_back_as_they_were_written() -> None:
    rules = replace(
        Rules(),
        kinds=MappingProxyType({**DEFAULTS, Kind.CAMERA: Rule(grace_s=5)}),
        zones=MappingProxyType({(Kind.CAMERA, "san_truong"): YARD}),
        together_s=7,
    )
    assert read_rules(record(put_rules(rules, expected=0))) == rules


def test_what_nobody_changed_follows_a_later_versions_default() -> None:
    put = put_rules(Rules(), expected=3)
    assert b"camera" not in put.data
    assert b"together" not in put.data
    assert read_rules(record(put)) == Rules()


def test_a_figure_that_this_version_does_not_know_is_left_out() -> None:
    put = replace(put_rules(Rules(), expected=0), data=b'{"figures": {"of_tomorrow": 5}}')
    assert read_rules(record(put)) == Rules()
