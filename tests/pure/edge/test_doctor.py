"""The doctor's judgement: what is found becomes the right grade, and every grade has its words."""

import re
import string
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import av
import pytest
from av.video.codeccontext import VideoCodecContext

from edge.config import CentreConfig, ConfigError
from edge.doctor import Check, Grade, Topic, en, exit_code, say, vi, worst
from edge.doctor.broker import Answer, Question, grade_answer
from edge.doctor.check import failed, good, skipped, warning
from edge.doctor.folder import (
    SpoolSeen,
    grade_disk,
    grade_secrets,
    grade_spool,
    grade_sync,
    look_at_folder,
    look_at_spool,
)
from edge.doctor.gate import Port, grade_gate, whose
from edge.doctor.key_frames import SIZE, TINY
from edge.doctor.machine import Interface, Load, grade_load, grade_network
from edge.doctor.patience import within
from edge.doctor.problems import read
from edge.doctor.reasons import in_vietnamese
from edge.doctor.timekeeping import grade_clock, grade_sleep, grade_zone, standby_min
from edge.doctor.transport import Way, grade_way
from edge.redact import Secret
from edge.rtsp.url import CameraUrl, UrlError
from edge.spool.file import open_file
from edge.spool.standing import Standing, look_at_standing, tell_standing

CONFIGS = Path(__file__).parents[3] / "configs"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
MB = 1 << 20
PLAIN = CentreConfig(host="centre.test", port=1883, tls=False, password=Secret("pw"), ca_file=None)
SAFE = CentreConfig(host="centre.test", port=8883, tls=True, password=Secret("pw"), ca_file=None)
HEAD = "schema: vonggac.edge/1\nagent: a1\ncentre: {url: 'mqtt://127.0.0.1:1883', password: x}\n"


# ---------------------------------------------------------------- grades and words


def test_the_exit_code_is_the_worst_grade() -> None:
    fine = good(Topic.DISK, "disk.ok")
    assert exit_code([]) == 0
    assert exit_code([fine, skipped(Topic.GATE, "gate.none")]) == 0
    assert exit_code([fine, warning(Topic.DISK, "disk.tight")]) == 1
    assert exit_code([failed(Topic.DISK, "disk.full"), warning(Topic.DISK, "disk.tight")]) == 2
    assert worst([fine, warning(Topic.DISK, "disk.tight")]) is Grade.WARNING


def test_both_languages_say_the_same_things_with_the_same_facts() -> None:
    assert set(vi.TEXTS) == set(en.TEXTS)
    assert set(vi.TITLES) == set(en.TITLES) == set(Topic)

    def facts(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}

    for code, sentence in vi.TEXTS.items():
        other = en.TEXTS[code]
        assert facts(sentence.found) == facts(other.found), code
        assert len(sentence.steps) == len(other.steps), code


def test_every_code_that_is_used_has_its_words() -> None:
    source = Path(vi.__file__).parent
    used = set()
    for path in source.glob("*.py"):
        if path.stem.partition("_")[0] not in {"vi", "en"}:
            used |= set(re.findall(r'"([a-z]+\.[a-z_]+)"', path.read_text("utf-8")))
    topics = {code.partition(".")[0] for code in vi.TEXTS}
    used = {code for code in used if code.partition(".")[0] in topics}
    built = {"login.refused", "login.silent", "login.closed"}
    keys = {"centre.url"}  # of the configuration
    assert used - set(vi.TEXTS) == keys
    assert set(vi.TEXTS) - used - built <= {"network.unknown"}


def test_figures_are_written_as_people_of_that_language_write_them() -> None:
    check = warning(Topic.CLOCK, "clock.off", offset_s=-3.25)
    assert "-3,2 giây" in say(check, "vi").found
    assert "-3.2 s" in say(check, "en").found
    assert "0.0 s" in say(good(Topic.CLOCK, "clock.measured", offset_s=-0.01), "en").found
    assert "-0" not in say(good(Topic.CLOCK, "clock.measured", offset_s=-0.01), "en").found
    ends = good(Topic.BROKER, "tls.ok", days=9, ends=NOW)
    assert "22/11/2026" in say(ends, "vi").found
    assert "2026-11-22" in say(ends, "en").found


# ---------------------------------------------------------------- configuration


def written(folder: Path, text: str) -> Path:
    path = folder / "edge.yaml"
    path.write_text(text, "utf-8")
    return path


def test_every_mistake_of_a_configuration_is_told_at_once(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "schema: vonggac.edge/1\nagent: Cổng\nlangauge: en\n"
        "centre: {url: 'http://x', password: '${NOT_SET}', ca_file: none.pem}\n"
        "watch: {picture_every_s: 0}\ngate_input: {listen: '0.0.0.0:1'}\n"
        "cameras:\n- {id: c1, url: 'http://c1'}\n- {id: c1, url: 'rtsp://u:${GONE}@c2/'}\n"
        "- {name: nameless}\n",
    )
    config, problems = read(path, {})
    assert config is None
    assert {problem.key for problem in problems} == {
        "agent", "langauge", "centre.url", "centre.password", "centre.ca_file",
        "watch.picture_every_s", "gate_input.token", "gate_input.listen", "cameras[0].url",
        "cameras[1].id", "cameras[1].url", "cameras[2].id", "cameras[2].url",
    }  # fmt: skip


def test_a_configuration_without_mistakes_is_the_agents_own(tmp_path: Path) -> None:
    config, problems = read(written(tmp_path, HEAD), {})
    assert problems == ()
    assert config is not None
    assert config.agent == "a1"


def test_an_open_secrets_file_hides_no_other_mistake(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.write_text("PW=x\n", "utf-8")
    secrets.chmod(0o644)
    text = HEAD.replace("password: x", "password: '${PW}'") + "secrets_file: secrets\nspool: 7\n"
    _, problems = read(written(tmp_path, text), {})
    assert [problem.file.name for problem in problems] == ["secrets", "edge.yaml"]
    assert problems[1].key == "spool"


@pytest.mark.parametrize("path", sorted((CONFIGS / "bad").glob("edge-*")), ids=lambda p: p.stem)
def test_each_bad_configuration_is_explained(path: Path) -> None:
    config, problems = read(path, {})
    assert config is None
    assert problems
    assert all(isinstance(problem, ConfigError) for problem in problems)


@pytest.mark.parametrize("path", sorted((CONFIGS / "bad").glob("edge-*")), ids=lambda p: p.stem)
def test_each_reason_is_told_in_vietnamese(path: Path) -> None:
    for problem in read(path, {})[1]:
        assert in_vietnamese(problem.why) != problem.why, problem.why


@pytest.mark.parametrize(
    ("url", "vietnamese"),
    [
        ("rtsp://[1:2]/", "IPv6"),
        ("rtsp://h:0/", "cổng 0"),
        ("rtsp://h/" + "x" * 5000, "4096"),
        ("rtsp://h/a\nb", "ký tự điều khiển"),
        ("rtsp:///", "tên máy"),
    ],
)
def test_what_is_wrong_with_an_address_is_told_in_vietnamese(url: str, vietnamese: str) -> None:
    with pytest.raises(UrlError) as caught:
        CameraUrl.parse(url)
    assert vietnamese in in_vietnamese(str(caught.value))


# ---------------------------------------------------------------- files and disk


@pytest.mark.parametrize(
    ("free_mb", "code"), [(10, "disk.full"), (400, "disk.tight"), (701, "disk.ok")]
)
def test_room_is_held_against_what_the_spool_may_take(free_mb: int, code: str) -> None:
    assert grade_disk(free_mb * MB, 500 * MB).code == code


def test_passwords_in_an_open_configuration_are_a_warning() -> None:
    assert grade_secrets(Path("x"), 0o644, has_literal_password=True).code == "secrets.literal"
    assert grade_secrets(Path("x"), 0o600, has_literal_password=True).grade is Grade.GOOD
    assert grade_secrets(Path("x"), 0o644, has_literal_password=False).grade is Grade.GOOD


def test_a_slow_disk_is_a_warning() -> None:
    assert grade_sync(Path("x"), 900).grade is Grade.WARNING


class StillClock:
    def ms(self) -> int:
        return 0

    def now(self) -> datetime:
        return NOW

    async def wait(self, seconds: float) -> None:
        del seconds


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert look_at_folder(tmp_path / "file", StillClock()).code == "folder.refused"
    assert look_at_folder(tmp_path / "not" / "yet", StillClock()).grade is Grade.GOOD
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_spool_tells_whose_it_is_and_whether_an_agent_runs(tmp_path: Path) -> None:
    assert look_at_spool(tmp_path) == SpoolSeen()
    connection = open_file(tmp_path, agent="a1")
    assert look_at_spool(tmp_path).running
    connection.close()
    seen = look_at_spool(tmp_path)
    assert (seen.running, seen.owner, seen.waiting) == (False, "a1", 0)
    assert grade_spool(seen, "a1").code == "agent.stopped"
    assert grade_spool(seen, "other").grade is Grade.FAILED
    open_file(tmp_path, agent="a1").close()  # the look has changed nothing


def test_a_running_agent_tells_what_waits_beside_its_spool(tmp_path: Path) -> None:
    running = SpoolSeen(running=True, exists=True)
    assert look_at_standing(tmp_path, 1_000) is None
    assert grade_spool(running, "a1").code == "agent.running"
    tell_standing(tmp_path, Standing(at_utc_ms=1_000, waiting=37, set_aside=0))
    told = look_at_standing(tmp_path, 61_000)
    check = grade_spool(running, "a1", told)
    assert (check.code, check.grade, check.values["waiting"]) == ("agent.sending", Grade.GOOD, 37)
    assert look_at_standing(tmp_path, 400_000) is None  # of an agent that hangs, or of another day
    refused = grade_spool(running, "a1", Standing(at_utc_ms=1, waiting=0, set_aside=2))
    assert (refused.code, refused.grade) == ("agent.set_aside", Grade.WARNING)
    (tmp_path / "standing.json").write_bytes(b"{]")
    assert look_at_standing(tmp_path, 1_000) is None


def test_a_folder_of_another_account_is_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", refused)
    seen = look_at_spool(tmp_path / "not-mine")
    assert grade_spool(seen, "a1").code == "agent.unreadable"
    assert look_at_folder(tmp_path / "not-mine", StillClock()).code == "folder.refused"


def test_a_broken_spool_is_a_warning_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite3"
    path.write_bytes(b"no database at all" * 100)
    assert grade_spool(look_at_spool(tmp_path), "a1").code == "agent.broken_spool"
    assert path.read_bytes() == b"no database at all" * 100


# ---------------------------------------------------------------- time


@pytest.mark.parametrize(
    ("offset_ms", "synced", "code"),
    [
        (300, None, "clock.measured"),
        (-4_000, None, "clock.off"),
        (400_000, True, "clock.wrong"),
        (None, True, "clock.synced"),
        (None, False, "clock.unsynced"),
        (None, None, "clock.unknown"),
    ],
)
def test_the_clock(offset_ms: int | None, synced: bool | None, code: str) -> None:
    assert grade_clock(NOW, offset_ms=offset_ms, synced=synced).code == code


def test_a_clock_of_the_year_2015_works_for_nobody() -> None:
    assert grade_clock(NOW.replace(year=2015), offset_ms=None, synced=True).grade is Grade.FAILED


def test_the_time_zone_is_vietnams() -> None:
    assert grade_zone(NOW.astimezone(timezone(timedelta(hours=7)))).grade is Grade.GOOD
    other = grade_zone(NOW.astimezone(timezone(timedelta(hours=-3.5))))
    assert "UTC-3.5" in say(other, "en").found


def test_a_machine_that_sleeps_watches_nobody() -> None:
    assert grade_sleep(7200.0, 0.0).code == "sleep.slept"
    assert grade_sleep(0.0, 30.0).code == "sleep.allowed"
    assert grade_sleep(0.0, 0.0).code == "sleep.off"
    assert grade_sleep(0.0, None).code == "sleep.not_yet"
    assert grade_sleep(None, None).grade is Grade.SKIPPED


def test_what_powercfg_says_is_read_in_any_language() -> None:
    said = (
        "    Possible Settings units: Seconds\n"
        "  Chỉ mục thiết đặt nguồn AC hiện tại: 0x00000708\n"
        "  Chỉ mục thiết đặt nguồn DC hiện tại: 0x00000384\n"
    )
    assert standby_min(said) == 30
    assert standby_min("nothing of use") is None


# ---------------------------------------------------------------- machine


@pytest.mark.parametrize(
    ("available_mb", "busy", "cameras", "code"),
    [
        (4000, 0.1, 16, "machine.ok"),
        (300, 0.1, 16, "machine.memory"),
        (4000, 0.97, 16, "machine.busy"),
        (4000, 0.4, 400, "machine.busy"),
    ],
)
def test_the_machine_must_have_room_for_its_cameras(
    available_mb: int, busy: float, cameras: int, code: str
) -> None:
    load = Load(cores=2, busy=busy, available_bytes=available_mb * MB)
    assert grade_load(load, cameras, running=False).code == code


@pytest.mark.parametrize(
    ("interface", "code"),
    [
        (Interface(name="eth0", mbit=1000, packets=10**6, broken=3), "network.ok"),
        (Interface(name="eth0", mbit=0), "network.ok"),
        (Interface(name="eth0", mbit=10), "network.slow"),
        (Interface(name="eth0", mbit=100, half_duplex=True), "network.half"),
        (Interface(name="eth0", mbit=100, packets=10**6, broken=5000), "network.broken"),
    ],
)
def test_the_network_card(interface: Interface, code: str) -> None:
    up = {"eth0": interface, "lo": Interface(name="lo", mbit=0)}
    assert grade_network(up, frozenset({"eth0"}), 16).code == code


def test_a_card_that_leads_nowhere_does_not_count() -> None:
    up = {
        "eth0": Interface(name="eth0", mbit=1000),
        "wlan0": Interface(name="wlan0", mbit=10),
        "lo": Interface(name="lo", mbit=0),
    }
    assert grade_network(up, frozenset({"eth0"}), 16).grade is Grade.GOOD
    assert grade_network({"lo": up["lo"]}, frozenset(), 16).code == "network.none"


def test_the_built_in_key_frames_decode() -> None:
    for codec, key_frame in TINY.items():
        context = av.CodecContext.create({"h264": "h264", "h265": "hevc"}[codec], "r")
        assert isinstance(context, VideoCodecContext)
        (picture,) = [*context.decode(av.Packet(key_frame)), *context.decode(None)]
        assert (picture.width, picture.height) == SIZE


# ---------------------------------------------------------------- broker and gate


def graded(way: Way, centre: CentreConfig = SAFE) -> list[str]:
    return [check.code for check in grade_way(way, centre, NOW)]


def test_the_way_to_the_broker_is_graded_as_far_as_it_goes() -> None:
    assert graded(Way(trouble="broker.no_name")) == ["broker.no_name"]
    assert graded(Way(connect_ms=1, trouble="tls.expired")) == ["broker.reached", "tls.expired"]
    assert graded(Way(connect_ms=1, ends=NOW + timedelta(days=29)))[1] == "tls.ends_soon"
    assert graded(Way(connect_ms=1, ends=NOW + timedelta(days=31)))[1] == "tls.ok"
    assert graded(Way(connect_ms=1), PLAIN)[1] == "tls.plain"


QUESTION = Question(agent="a1", centre=PLAIN, spool="s")


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        (Answer(login="refused"), ["login.refused"]),
        (Answer(login="silent"), ["login.silent"]),
        (Answer(login="closed"), ["login.closed"]),
        (Answer(login="ok", may_listen=False), ["login.ok", "rights.listen"]),
        (Answer(login="ok", may_listen=True, may_speak=False), ["login.ok", "rights.speak"]),
        (
            Answer(login="ok", may_listen=True, may_speak=True, acked=False),
            ["login.ok", "centre.silent"],
        ),
        (
            Answer(login="ok", may_listen=True, may_speak=True, acked=True, round_trip_ms=3),
            ["login.ok", "centre.ok"],
        ),
    ],
)
def test_what_the_broker_answers(answer: Answer, codes: list[str]) -> None:
    assert [check.code for check in grade_answer(answer, QUESTION)] == codes


async def test_what_blocks_for_ever_is_not_waited_for() -> None:
    release = threading.Event()
    with pytest.raises(TimeoutError):
        await within(0.05, release.wait)
    release.set()
    assert await within(5, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await within(5, lambda: 1 // 0)


def test_an_answer_to_an_empty_event_tells_whose_port_it_is() -> None:
    assert whose(b'HTTP/1.1 422 Unprocessable\r\n\r\n{"error": {}}') is Port.OURS
    assert whose(b'HTTP/1.1 401 Unauthorized\r\n\r\n{"error": {}}') is Port.OTHER_TOKEN
    assert whose(b"HTTP/1.1 404 Not Found\r\n\r\n") is Port.TAKEN
    assert whose(b"SSH-2.0-OpenSSH\r\n") is Port.TAKEN
    assert whose(b"") is Port.TAKEN


@pytest.mark.parametrize(
    ("port", "running", "grade"),
    [
        (Port.FREE, False, Grade.GOOD),
        (Port.FREE, True, Grade.WARNING),
        (Port.OURS, True, Grade.GOOD),
        (Port.OURS, False, Grade.FAILED),
        (Port.TAKEN, False, Grade.FAILED),
        (Port.OTHER_TOKEN, True, Grade.FAILED),
        (Port.FORBIDDEN, False, Grade.FAILED),
    ],
)
def test_the_gates_port(port: Port, running: bool, grade: Grade) -> None:
    assert grade_gate(port, "127.0.0.1:1", running=running).grade is grade


def test_no_check_is_without_words() -> None:
    def anything(code: str) -> Check:
        names: dict[str, Any] = dict.fromkeys(
            (n for _, n, _, _ in string.Formatter().parse(vi.TEXTS[code].found) if n), "x"
        )
        for step in vi.TEXTS[code].steps + en.TEXTS[code].steps:
            names |= dict.fromkeys((n for _, n, _, _ in string.Formatter().parse(step) if n), "x")
        return good(Topic.DISK, code, **names)

    for code in vi.TEXTS:
        assert say(anything(code), "vi").found
        assert say(anything(code), "en").found
