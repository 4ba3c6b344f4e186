"""The server's own file: what it means, and each mistake with its message."""

import copy
import pickle
from pathlib import Path

import pytest

from server.config import (
    Address,
    Alerts,
    Channel,
    ConfigError,
    Email,
    EmbeddedBroker,
    ExternalBroker,
    Figures,
    Http,
    Language,
    Reminders,
    Secret,
    ServerConfig,
    SmtpSecurity,
    Webhook,
    load,
    load_server,
)
from tests.pure.server.mistakes import BAD, CONFIGS, mistakes, told, wanted


def read(name: str) -> ServerConfig:
    return load_server(BAD / f"{name}.yaml", environ={})


@pytest.mark.parametrize("name", mistakes("server"))
def test_each_mistake_is_named_with_file_line_key_and_reason(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(name)
    assert told(caught.value) == wanted(name)


def test_no_message_shows_a_secret() -> None:
    for name in mistakes("server"):
        with pytest.raises(ConfigError) as caught:
            read(name)
        assert "hunter2" not in str(caught.value)
        assert "123456" not in str(caught.value)


def write(folder: Path, more: str = "", **replaced: str) -> Path:
    """Write a file that is right but for what is replaced."""
    values = {
        "data_dir": "data",
        "units": "u.yaml",
        "plan": "p.yaml",
        "http": "{listen: 127.0.0.1:0}",
        "mqtt": "{embedded: {listen: 127.0.0.1:0}}",
    } | replaced
    file = folder / "server.yaml"
    lines = [f"{key}: {value}" for key, value in values.items()]
    text = "\n".join(["schema: vonggac.server/1", *lines, more])
    file.write_text(text, encoding="utf-8")
    return file


def test_the_example_runs_as_it_stands() -> None:
    found = load(CONFIGS / "server.example.yaml", environ={})
    assert found.server.http.listen == Address(host="127.0.0.1", port=8080)
    assert found.server.units == CONFIGS / "units.example.yaml"
    assert found.server.data_dir == CONFIGS.parent / "var" / "server"
    assert found.server.alerts == Alerts(agent_silent_s=75)
    assert found.server.figures == Figures(close_after_h=2)
    assert found.server.reminders is None
    assert found.server.language is Language.VI
    assert len(found.register.schools) == 3
    assert found.plan.title


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    found = load_server(write(tmp_path), environ={})
    assert found == ServerConfig(
        file=tmp_path / "server.yaml",
        data_dir=tmp_path / "data",
        database=Secret(f"sqlite:///{tmp_path}/data/vonggac.db"),
        units=tmp_path / "u.yaml",
        plan=tmp_path / "p.yaml",
        http=Http(listen=Address(host="127.0.0.1", port=0)),
        mqtt=EmbeddedBroker(listen=Address(host="127.0.0.1", port=0)),
        alerts=Alerts(),
        language=Language.VI,
    )


def test_paths_start_at_the_file_and_not_at_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    write(tmp_path, data_dir="../data")
    monkeypatch.chdir(tmp_path / "elsewhere")
    found = load_server("../server.yaml", environ={})
    assert found.data_dir == tmp_path.parent / "data"


def test_everything_can_be_said(tmp_path: Path) -> None:
    (tmp_path / "s.env").write_text("# mail\n\nPG=a:b/@c=d\nMAIL = not this\nHOOK=k\n")
    file = write(
        tmp_path,
        """
secrets_file: s.env
database: postgresql://vg:${PG}@db.example.vn:5433/vonggac
language: en
figures: {close_after_h: 26}
reminders: {at_hour: 7, every_days: 10}
alerts:
  gate_camera_down_s: 30
  agent_silent_s: 90
  email:
    smtp: "[2001:db8::25]:587"
    security: tls
    user: vg
    password: a ${WORD} of $5 and ${HOOK}
    sender: vg@example.vn
    to: [a@example.vn, b@example.vn]
  webhook: {url: "https://example.vn/${HOOK}", secret: "${HOOK}"}
""",
        http='{listen: "[::]:443", public_url: "https://camera.example.vn/"}',
        mqtt='{broker: {url: "mqtts://broker.example.vn", user: vg, password: "${WORD}",'
        " ca_file: ca.pem}}",
    )
    found = load_server(file, environ={"WORD": "w/@ rd", "HOOK": "not from here"})
    assert found.database.reveal() == "postgresql://vg:a%3Ab%2F%40c%3Dd@db.example.vn:5433/vonggac"
    assert found.http == Http(
        listen=Address(host="::", port=443), public_url="https://camera.example.vn"
    )
    assert found.mqtt == ExternalBroker(
        address=Address(host="broker.example.vn", port=8883),
        tls=True,
        user="vg",
        password=Secret("w/@ rd"),
        ca_file=tmp_path / "ca.pem",
    )
    assert found.figures == Figures(close_after_h=26)
    assert found.reminders == Reminders(at_hour=7, every_days=10)
    assert found.alerts == Alerts(
        gate_camera_down_s=30,
        agent_silent_s=90,
        channels={
            "email": Channel(
                name="email",
                way=Email(
                    smtp=Address(host="2001:db8::25", port=587),
                    security=SmtpSecurity.TLS,
                    sender="vg@example.vn",
                    to=("a@example.vn", "b@example.vn"),
                    user="vg",
                    password=Secret("a w/@ rd of $5 and k"),
                ),
            ),
            "webhook": Channel(
                name="webhook",
                way=Webhook(url=Secret("https://example.vn/k"), secret=Secret("k")),
            ),
        },
    )
    assert found.language is Language.EN


def test_a_whole_url_from_the_environment_is_taken_as_it_is(tmp_path: Path) -> None:
    file = write(tmp_path, database='"${URL}"')
    url = "postgresql://vg:p%40ss@db/vonggac"
    assert load_server(file, environ={"URL": url}).database.reveal() == url


@pytest.mark.parametrize(
    ("said", "path"), [("/srv/vg.db", "/srv/vg.db"), ("data/vg.db", "{here}/data/vg.db")]
)
def test_a_database_file_may_lie_elsewhere(tmp_path: Path, said: str, path: str) -> None:
    found = load_server(write(tmp_path, database=f"sqlite:///{said}"), environ={})
    assert found.database.reveal() == f"sqlite:///{path.format(here=tmp_path)}"


def test_what_is_filled_into_a_part_of_a_url_is_encoded(tmp_path: Path) -> None:
    file = write(tmp_path, 'alerts: {webhook: {url: "https://example.vn/${T}?x=1"}}')
    webhook = load_server(file, environ={"T": "a/b?c#d é"}).alerts.channels["webhook"].way
    assert isinstance(webhook, Webhook)
    assert webhook.url.reveal() == "https://example.vn/a%2Fb%3Fc%23d%20%C3%A9?x=1"


@pytest.mark.parametrize("url", ["mqtt://user@broker", "mqtt://:password@broker"])
def test_neither_user_nor_password_stands_in_a_brokers_url(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match="stand in keys of their own"):
        load_server(write(tmp_path, mqtt=f'{{broker: {{url: "{url}"}}}}'), environ={})


@pytest.mark.parametrize(
    "mailbox", ["a", "@b.vn", "a@", "a b@c.vn", "A <a@b.vn>", "a@b.vn,c@d.vn", 'a"@b.vn']
)
def test_what_is_no_mailbox(tmp_path: Path, mailbox: str) -> None:
    text = f"""
alerts:
  email: {{smtp: "m:25", security: none, sender: a@b.vn, to: ['{mailbox}']}}
"""
    with pytest.raises(ConfigError, match="an e-mail address is expected"):
        load_server(write(tmp_path, text), environ={})


def test_a_plain_broker_has_its_ports_default(tmp_path: Path) -> None:
    file = write(tmp_path, mqtt='{broker: {url: "mqtt://broker"}}')
    found = load_server(file, environ={}).mqtt
    assert found == ExternalBroker(address=Address(host="broker", port=1883))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("PASSWORD", "s.env:1: NAME=value is expected"),
        ("# x\nPASS WORD=x", "s.env:2: NAME=value is expected"),
        ("A=1\nA=2", "s.env:2: A: stands twice"),
    ],
)
def test_a_secrets_file_is_checked_and_never_quoted(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "s.env").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_server(write(tmp_path, secrets_file="s.env"), environ={})
    assert str(caught.value) == f"{tmp_path}/{why}"


def test_a_file_that_the_server_names_and_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path), environ={})
    assert str(caught.value) == f"{tmp_path}/p.yaml: cannot be read: No such file or directory"


# ------------------------------------------------------------------ Secret


def test_a_secret_never_prints() -> None:
    secret = Secret("hunter2")
    held = Webhook(url=secret)
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret:>20}", f"{[secret]}"):
        assert "hunter2" not in shown
        assert "***" in shown
    assert "hunter2" not in repr(held)
    assert secret.reveal() == "hunter2"


def test_a_secret_is_compared_by_value_and_goes_into_no_file() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert not Secret("")
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(Secret("a"))
    with pytest.raises(TypeError, match="pickled"):
        copy.copy(Secret("a"))


def test_an_address_is_shown_as_it_is_written() -> None:
    assert str(Address(host="::1", port=80)) == "[::1]:80"
    assert str(Address(host="a.b", port=80)) == "a.b:80"


def test_a_secret_is_taken_as_it_is_written_to_the_last_mark(tmp_path: Path) -> None:
    written = "a\\tXa\\u0303"  # a tab, and a tilde that stands apart from its letter
    file = write(tmp_path, mqtt=f'{{broker: {{url: "mqtt://b", user: u, password: "{written}"}}}}')
    broker = load_server(file, environ={}).mqtt
    assert isinstance(broker, ExternalBroker)
    assert broker.password == Secret("a\tXa\N{COMBINING TILDE}")


@pytest.mark.parametrize(
    "listen",
    [
        "host:",
        "host:http",
        "host:-1",
        "host:8.0",
        "host:٣",
        ":80",
        "[]:80",
        "[::1]80",
        "[::1:80",
        "80",
    ],
)
def test_what_is_no_place_to_listen(tmp_path: Path, listen: str) -> None:
    with pytest.raises(ConfigError, match=r"http\.listen: host:port is expected"):
        load_server(write(tmp_path, http=f'{{listen: "{listen}"}}'), environ={})


@pytest.mark.parametrize(("listen", "host"), [("[::1]:0", "::1"), ("a.b:65535", "a.b")])
def test_what_is_one(tmp_path: Path, listen: str, host: str) -> None:
    found = load_server(write(tmp_path, http=f'{{listen: "{listen}"}}'), environ={})
    assert found.http.listen.host == host
    assert str(found.http.listen) == listen


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://h:x/", "http://h:70000", "http://h:0", "http://", "h", "//h"]
)
def test_what_is_no_url(tmp_path: Path, url: str) -> None:
    file = write(tmp_path, http=f'{{listen: "h:1", public_url: "{url}"}}')
    with pytest.raises(ConfigError, match=r"http\.public_url: (not a URL|a URL that|the URL has)"):
        load_server(file, environ={})
