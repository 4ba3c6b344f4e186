"""The demo's configuration files as YAML would hold them, in the formats of ``configs/``. Pure.

The plan is made up and says so in its title and its source: it asks for one camera in each of five
kinds of places and, so that there is something to see whenever the demo runs, for watching around
the clock on every day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sim.district import PROVINCE, UNIT, District, School

Settings = dict[str, Any]

AGENT_SILENT_S: Final = 25
WATCH: Final[Mapping[str, float]] = {
    "picture_every_s": 3,
    "stall_after_s": 4,
    "connect_timeout_s": 3,
    "confirm_s": 2,
    "freeze_after_s": 20,
    "auth_retry_s": 30,
}
WATERMARK_EVERY_S: Final = 10
_KINDS: Final = ("cong_truong", "san_truong", "bep_an", "nha_xe", "hanh_lang")
_ZONE_NAMES: Final = {
    "cong_truong": ("Cổng trường", "School gate"),
    "san_truong": ("Sân trường", "School yard"),
    "bep_an": ("Bếp ăn", "Kitchen"),
    "nha_xe": ("Nhà xe", "Parking"),
    "hanh_lang": ("Hành lang", "Corridor"),
}
_DAYS: Final = ["T2", "T3", "T4", "T5", "T6", "T7", "CN"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPorts:
    """Where one agent finds the broker, and where gate readers find the agent."""

    broker: int
    gate: int


def plan() -> Settings:
    """Return the made-up plan."""
    source = {"id": "demo"}
    asked = {"required": True, "min_cameras": 1, "source": source}
    kinds = ("mam_non", "tieu_hoc", "thcs", "thpt")
    return {
        "schema": "vonggac.plan/1",
        "plan": {
            "id": "ke-hoach-chay-thu",
            "title": "Kế hoạch chạy thử (số liệu minh họa, không phải quy định)",
            "version": "1",
            "issued_by": "unset",
            "document_no": "unset",
            "issued_on": "unset",
            "effective": {"from": "unset", "to": "unset"},
        },
        "sources": {
            "demo": {
                "kind": "commune_plan",
                "ref": "Kế hoạch minh họa của bản chạy thử: giờ học cả ngày, cả tuần",
            }
        },
        "zones": {kind: {"vi": vi, "en": en} for kind, (vi, en) in _ZONE_NAMES.items()},
        "camera_requirements": {
            school: {
                zone: dict(asked) if zone != "hanh_lang" else {"required": "unset"}
                for zone in _KINDS
                if not (school == "mam_non" and zone == "nha_xe")
            }
            for school in kinds
        },
        "uptime": {"required_percent": "unset", "measured_over": "school_hours"},
        "calendar": {
            "timezone": "Asia/Ho_Chi_Minh",
            "school_year": "every_week",
            "sessions": {
                kind: {"days": _DAYS, "windows": ["00:00-24:00"], "source": source}
                for kind in kinds
            },
        },
    }


def _school(school: School) -> Settings:
    names = {zone.id: zone.name for zone in school.zones}
    gates = [(gate, gate.removeprefix(f"{school.id}-")) for gate in school.gates]
    return {
        "id": school.id,
        "name": school.name,
        "kind": school.kind,
        "unit": UNIT[0],
        "zones": [{"id": z.id, "name": z.name, "kind": z.kind} for z in school.zones],
        "gates": [{"id": gate, "name": names[zone], "zone": zone} for gate, zone in gates],
        "agents": [{"id": school.agent, "name": "Máy tính trực cổng", "gates": list(school.gates)}],
        "cameras": [
            {"id": c.id, "name": c.name, "zone": c.zone, "agent": school.agent}
            for c in school.cameras
        ],
    }


def units(district: District) -> Settings:
    """Return the organisation's file."""
    return {
        "schema": "vonggac.units/1",
        "units": [
            {"id": PROVINCE[0], "name": PROVINCE[1], "level": "tinh", "parent": None},
            {"id": UNIT[0], "name": UNIT[1], "level": "xa", "parent": PROVINCE[0]},
        ],
        "schools": [_school(school) for school in district.schools],
    }


def server(*, http_port: int, broker_port: int, language: str) -> Settings:
    """Return the server's file; it lies beside ``units.yaml`` and ``plan.yaml``."""
    return {
        "schema": "vonggac.server/1",
        "data_dir": "server",
        "database": None,
        "units": "units.yaml",
        "plan": "plan.yaml",
        "secrets_file": None,
        "http": {"listen": f"127.0.0.1:{http_port}", "public_url": None},
        "mqtt": {"embedded": {"listen": f"127.0.0.1:{broker_port}"}},
        "alerts": {
            "agent_silent_s": AGENT_SILENT_S,
            "email": None,
            "webhook": None,
        },
        "language": language,
    }


def edge(
    school: School, *, ports: AgentPorts, folder: Path, urls: Mapping[str, str], language: str
) -> Settings:
    """Return one agent's file; its passwords stand in its environment."""
    return {
        "schema": "vonggac.edge/1",
        "agent": school.agent,
        "data_dir": str(folder),
        "language": language,
        "secrets_file": None,
        "centre": {
            "url": f"mqtt://127.0.0.1:{ports.broker}",
            "password": "${VONGGAC_AGENT_PASSWORD}",
            "ca_file": None,
        },
        "gate_input": {"listen": f"127.0.0.1:{ports.gate}", "token": "${VONGGAC_GATE_TOKEN}"},
        "watch": dict(WATCH),
        "watermark_every_s": WATERMARK_EVERY_S,
        "cameras": [{"id": c.id, "name": c.name, "url": urls[c.id]} for c in school.cameras],
    }
