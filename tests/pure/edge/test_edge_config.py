"""An agent's configuration: what is right is read whole, what is wrong is named."""

import math
import os
from pathlib import Path

import pytest

from edge.config import (
    CentreConfig,
    ConfigError,
    EdgeConfig,
    GateConfig,
    HostConfig,
    WatchConfig,
    load,
)
from edge.redact import Secret

CONFIGS = Path(__file__).parents[3] / "configs"
HEAD = "schema: vonggac.edge/1\nagent: a1\ncentre: {url: 'mqtt://127.0.0.1:1883'}\n"
ENVIRONMENT = {
    "VONGGAC_AGENT_PASSWORD": "agent-pw",
    "VONGGAC_GATE_TOKEN": "gate-token",
    "CAM1_PASSWORD": "p@ss/w:rd?#%41 ốc",
}

MISTAKES = {
    "alias": ("line 5, column 13", "aliases (*name) are not used here"),
    "bad-agent-id": ("agent", "'Cổng chính' is no id; an id has a-z, 0-9, - and _ (at most 64)"),
    "bad-camera-url": ("cameras[0].url", "a camera address starts with rtsp:// or rtsps://"),
    "bad-sub-url": ("cameras[0].sub_url", "a camera address starts with rtsp:// or rtsps://"),
    "bad-centre-port": ("centre.url", "has a malformed host or port; a port is a number from 0"),
    "bad-centre-url": ("centre.url", "must look like mqtt://host:1883 or mqtts://host:8883"),
    "centre-user-in-url": ("centre.url", "has only a host and a port; the user is the agent's"),
    "duplicate-camera": ("cameras[1].id", "'c1' is already the id of cameras[0]"),
    "duplicate-key": ("line 4, column 1", "the key 'agent' is given twice"),
    "empty": ("", "is no agent's configuration: that begins with schema: vonggac.edge/1"),
    "gate-bad-id": ("gate_input.gates[0].id", "'Cổng chính' is no id; an id has a-z, 0-9"),
    "gate-twice": ("gate_input.gates[1].id", "'cong-chinh' is already the id of gates[0]"),
    "gate-input-no-port": ("gate_input.listen", "must look like 127.0.0.1:8787"),
    "gate-input-open": ("gate_input.listen", "0.0.0.0 can be reached from other machines"),
    "half-a-character": ("line 2, column 8", "'\\ud83d' can stand in no text"),
    "host-twice": ("hosts[1].address", "'192.168.1.20' is given twice"),
    "host-without-camera": (
        "hosts[0].address",
        "no camera's address is at '192.168.1.20:554'; write it as the cameras have it",
    ),
    "key-not-text": ("line 4, column 1", "the key 1883 is not text"),
    "language": ("language", "'fr' is not one that is known"),
    "malformed": ("line 6, column 4", "not valid YAML: expected <block end>"),
    "missing-key": ("centre", "is missing"),
    "missing-name": ("centre.password", "${NO_SUCH_NAME} is in neither the secrets file nor the"),
    "missing-name-in-url": ("cameras[0].url", "${NO_SUCH_NAME} in the camera address is not set"),
    "no-ca-file": ("centre.ca_file", "there is no file "),
    "no-secrets-file": ("", "cannot be read: "),
    "not-a-mapping": ("", "is no agent's configuration"),
    "not-a-number": ("watch.confirm_s", "must be a number >= 0.0"),
    "number-as-text": ("centre.password", "is a whole number to YAML, but must be text: put it in"),
    "out-of-range": ("watch.picture_every_s", "must be a number >= 1.0"),
    "unknown-camera-key": (
        "cameras[0].user",
        "no such key; known are: id, url, sub_url, name, watch",
    ),
    "unknown-key": ("watch.picture_evry_s", "no such key; did you mean 'picture_every_s'?"),
    "visit-too-long": (
        "cameras[0].watch.visit_s",
        "a visit of 20 s can't be paid every 20 s",
    ),
    "watch-mode": ("watch.mode", "'visits' is not one that is known"),
    "wrong-schema": ("schema", "must be vonggac.edge/1, not 'vonggac.server/1'"),
    "wrong-type": ("watch.picture_every_s", "must be a number or nothing, not text"),
}


def written(folder: Path, text: str) -> Path:
    path = folder / "edge.yaml"
    path.write_text(text, "utf-8")
    return path


def error_of(path: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    return caught.value


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_each_mistake_is_named_with_file_key_and_why(mistake: str) -> None:
    path = CONFIGS / "bad" / f"edge-{mistake}.yaml"
    key, why = MISTAKES[mistake]
    error = error_of(path)
    assert error.key == key
    assert error.why.startswith(why)
    assert error.file.name == ("no-such-file" if mistake == "no-secrets-file" else path.name)


def test_every_bad_file_has_its_message_here() -> None:
    assert {path.stem.removeprefix("edge-") for path in (CONFIGS / "bad").glob("edge-*")} == set(
        MISTAKES
    )


def example() -> EdgeConfig:
    return load(CONFIGS / "edge.example.yaml", ENVIRONMENT)


def test_the_example_is_read_whole() -> None:
    config = example()
    assert config.agent == "c1-thvq-cong"
    assert config.centre == CentreConfig(
        host="127.0.0.1", port=1883, tls=False, password=Secret("agent-pw"), ca_file=None
    )
    assert config.gate_input is not None
    assert (config.gate_input.host, config.gate_input.port) == ("127.0.0.1", 8787)
    assert config.gate_input.gates == (GateConfig(id="thvq-cong-chinh", name="Cổng chính"),)
    assert config.cameras[0].name == "Cổng chính 1"
    assert config.cameras[0].watch == WatchConfig()
    assert config.spool_max_bytes == 500 * 1024 * 1024
    assert config.hosts == (HostConfig(address="192.168.1.14", sessions=4),)


def test_the_smaller_stream_is_watched_with_the_cameras_own_credentials() -> None:
    camera = example().cameras[1]
    assert camera.watch_url.target == "/Streaming/Channels/102"
    assert camera.watch_url.credentials == camera.url.credentials
    assert example().cameras[0].watch_url == example().cameras[0].url


def test_another_hosts_second_stream_is_not_told_the_password(tmp_path: Path) -> None:
    camera = "cameras: [{id: c, url: 'rtsp://u:${P}@h/1', sub_url: 'rtsp://other/2'}]\n"
    assert load(written(tmp_path, HEAD + camera), {"P": "x"}).cameras[0].watch_url.secrets == ()


def test_a_camera_overrides_what_it_names_and_nothing_else() -> None:
    assert example().cameras[1].watch == WatchConfig(picture_every_s=30)


def test_a_password_may_hold_any_character() -> None:
    credentials = example().cameras[0].url.credentials
    assert credentials is not None
    assert credentials.password.reveal() == ENVIRONMENT["CAM1_PASSWORD"]
    assert example().cameras[0].url.host == "192.168.1.11"


def test_a_configuration_never_prints_its_secrets() -> None:
    text = repr(example())
    assert not [word for word in ENVIRONMENT.values() if word in text]


def test_the_secrets_file_wins_over_the_environment(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("# ours\n\nPW= with = spaces \n", "utf-8")
    (tmp_path / "secrets").chmod(0o600)
    text = HEAD.replace("1883'", "1883', password: '${PW}'") + "secrets_file: secrets\n"
    config = load(written(tmp_path, text), {"PW": "other"})
    assert config.centre.password == Secret(" with = spaces ")


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such mode bits")
def test_a_secrets_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("PW=x\n", "utf-8")
    (tmp_path / "secrets").chmod(0o644)
    error = error_of(written(tmp_path, HEAD + "secrets_file: secrets\n"))
    assert error.why.startswith("other users can read it; run: chmod 600 ")


@pytest.mark.parametrize(
    ("line", "why"), [("PW", "is not NAME=value"), ("1=x", "is not NAME="), ("A=1\nA=2", "A is g")]
)
def test_a_bad_line_of_secrets_is_named_but_not_shown(tmp_path: Path, line: str, why: str) -> None:
    (tmp_path / "secrets").write_text(line, "utf-8")
    (tmp_path / "secrets").chmod(0o600)
    error = error_of(written(tmp_path, HEAD + "secrets_file: secrets\n"))
    assert error.key.startswith("line ")
    assert error.why.startswith(why)


def test_a_file_that_is_not_there_or_not_text_is_said_so(tmp_path: Path) -> None:
    assert error_of(tmp_path / "none.yaml").why == "cannot be read: No such file or directory"
    (tmp_path / "edge.yaml").write_bytes(b"\xff\xfe\x00s")
    assert error_of(tmp_path / "edge.yaml").why == "is not UTF-8 text"


def test_deep_nesting_is_an_error_and_no_crash(tmp_path: Path) -> None:
    assert error_of(written(tmp_path, "[" * 5000)).why.startswith("not valid YAML")


def test_an_agent_may_watch_nothing_or_take_no_events(tmp_path: Path) -> None:
    config = load(written(tmp_path, HEAD), {})
    assert config.cameras == ()
    assert config.gate_input is None
    assert math.isclose(config.watermark_every_s, 60)


def test_ipv6_loopback_and_tls_are_understood(tmp_path: Path) -> None:
    text = HEAD.replace("mqtt://127.0.0.1:1883", "mqtts://[2001:db8::1]")
    config = load(written(tmp_path, text + "gate_input: {listen: '[::1]:0', token: t}\n"), {})
    assert (config.centre.host, config.centre.port, config.centre.tls) == (
        "2001:db8::1",
        8883,
        True,
    )
    assert config.gate_input is not None
    assert config.gate_input.host == "::1"


CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBdTCCARugAwIBAgIUS0nDPGPy4b7b0tnfv0zc+02ijJYwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjIwNjM1MjNaGA8yMTI2MTAyOTA2MzUy
M1owDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOwe
Bxv6R0pI28MrANXsjdO6TjyEXwXGzpZ5P4CDKgjhsdET5o60XEzGou/SX6p8eWGz
laxcqAu+YQ2TqTnCSqSjUzBRMB0GA1UdDgQWBBTfcFO6VAUpu13wrP3bREEBGTgt
2DAfBgNVHSMEGDAWgBTfcFO6VAUpu13wrP3bREEBGTgt2DAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0gAMEUCIQDDm3K3TnKYTVLmaD2r0amZnPwe4Wp2SMpT
PK0Lh6irmAIgZy0/8NQjRQ+awEgOIa+sE4ioYBs8roEQu5vopGy9JsA=
-----END CERTIFICATE-----
"""


def test_a_ca_file_lies_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(CERTIFICATE)
    text = HEAD.replace("1883'", "1883', ca_file: ca.pem")
    assert load(written(tmp_path, text), {}).centre.ca_file == tmp_path / "ca.pem"


def test_a_ca_file_without_a_certificate_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    text = HEAD.replace("1883'", "1883', ca_file: ca.pem")
    error = error_of(written(tmp_path, text))
    assert error.key == "centre.ca_file"
    assert error.why.endswith("holds no certificate that can be used")
