"""``alerts.channels``: each kind as it is written, and who needs an address in it."""

from pathlib import Path

import pytest

from server.config import (
    Address,
    Addressing,
    AppriseUrl,
    Channel,
    DeadMan,
    Email,
    Metrics,
    Secret,
    ServerConfig,
    SmtpSecurity,
    Telegram,
    Webhook,
    ZaloAccount,
    ZaloOa,
    ZaloZns,
    ZnsParameter,
    ZnsTemplate,
    load_server,
)
from tests.pure.server.mistakes import CONFIGS
from tests.pure.server.test_config_server import write

EVERYTHING = """
alerts:
  dead_man: {url: "https://hc.example.vn/${T}", every_s: 60}
  webhook: {url: "https://example.vn/hook"}
  channels:
    thu:
      kind: email
      smtp: mail.example.vn:587
      security: starttls
      sender: vg@example.vn
      limits: {per_minute: 30}
    phu:
      {kind: email, smtp: "mail.example.vn:25", security: none, sender: vg@b.vn, to: [a@b.vn]}
    cong: {kind: webhook, url: "https://example.vn/${T}", secret: "${T}"}
    ntfy: {kind: apprise, url: "ntfys://${T}@ntfy.example.vn/vonggac"}
    sms: {kind: apprise, url: "gateway://${T}@host/{address}"}
    nhom: {kind: telegram, token: "1:${T}", chat: "-1002"}
    rieng: {kind: telegram, token: "1:${T}", server: "http://127.0.0.1:8081/"}
    oa: {kind: zalo_oa, app_id: "77", app_secret: "${T}", refresh_token: "r${T}"}
    zns:
      kind: zalo_zns
      app_id: "77"
      app_secret: ${T}
      refresh_token: r${T}
      templates:
        default: {id: "301", parameters: {noi_dung: {fact: subject, longest: 80}}}
"""
ACCOUNT = ZaloAccount(app_id="77", app_secret=Secret("t k"), refresh_token=Secret("rt k"))
TEMPLATE = ZnsTemplate(id="301", parameters={"noi_dung": ZnsParameter(fact="subject", longest=80)})


@pytest.fixture
def found(tmp_path: Path) -> ServerConfig:
    return load_server(write(tmp_path, EVERYTHING), environ={"T": "t k"})


def test_each_kind_is_read(found: ServerConfig) -> None:
    mail = Email(
        smtp=Address(host="mail.example.vn", port=587),
        security=SmtpSecurity.STARTTLS,
        sender="vg@example.vn",
    )
    channels = found.alerts.channels
    assert channels["thu"] == Channel(name="thu", way=mail, per_minute=30)
    assert channels["cong"].way == Webhook(
        url=Secret("https://example.vn/t%20k"), secret=Secret("t k")
    )
    assert channels["ntfy"].way == AppriseUrl(url=Secret("ntfys://t%20k@ntfy.example.vn/vonggac"))
    assert channels["nhom"].way == Telegram(token=Secret("1:t k"), chat="-1002")
    assert channels["rieng"].way == Telegram(token=Secret("1:t k"), server="http://127.0.0.1:8081")
    assert channels["oa"].way == ZaloOa(account=ACCOUNT)
    assert channels["zns"].way == ZaloZns(account=ACCOUNT, templates={"default": TEMPLATE})
    assert found.alerts.dead_man == DeadMan(url=Secret("https://hc.example.vn/t%20k"), every_s=60)


def test_the_channels_stand_in_the_files_order_the_short_forms_first(found: ServerConfig) -> None:
    names = ["webhook", "thu", "phu", "cong", "ntfy", "sms", "nhom", "rieng", "oa", "zns"]
    assert list(found.alerts.channels) == names
    assert [c.kind for c in found.alerts.channels.values()][-4:] == [
        "telegram",
        "telegram",
        "zalo_oa",
        "zalo_zns",
    ]


@pytest.mark.parametrize(
    ("name", "addressing"),
    [
        ("webhook", Addressing.NONE),
        ("thu", Addressing.NEEDED),
        ("phu", Addressing.OPTIONAL),
        ("ntfy", Addressing.NONE),
        ("sms", Addressing.NEEDED),
        ("nhom", Addressing.OPTIONAL),
        ("rieng", Addressing.NEEDED),
        ("oa", Addressing.NEEDED),
        ("zns", Addressing.NEEDED),
    ],
)
def test_who_needs_an_address_in_it(found: ServerConfig, name: str, addressing: Addressing) -> None:
    assert found.alerts.channels[name].addressing is addressing


def test_a_telegram_channel_keeps_to_what_telegram_allows(found: ServerConfig) -> None:
    assert found.alerts.channels["nhom"].per_minute == 20
    assert found.alerts.channels["phu"].per_minute is None


def test_no_secret_of_a_channel_prints(found: ServerConfig) -> None:
    assert "t k" not in repr(found)
    assert "t%20k" not in repr(found)


def test_metrics_are_off_unless_asked_for(tmp_path: Path) -> None:
    assert load_server(write(tmp_path), environ={}).http.metrics is None
    here = write(tmp_path, http="{listen: 127.0.0.1:0, metrics: {}}")
    assert load_server(here, environ={}).http.metrics == Metrics()
    told = '{listen: 127.0.0.1:0, metrics: {token: "${T}", per_camera: true}}'
    everywhere = load_server(write(tmp_path, http=told), environ={"T": "x" * 20})
    assert everywhere.http.metrics == Metrics(token=Secret("x" * 20), per_camera=True)


def test_the_channels_of_the_example_can_be_read_once_they_are_uncommented(
    tmp_path: Path,
) -> None:
    text = (CONFIGS / "server.example.yaml").read_text(encoding="utf-8")
    lines = text.replace("  channels: {}  ", "  # ").splitlines()
    start = lines.index("  # channels:")
    for number in range(start, start + 12):
        if lines[number].startswith("  # "):
            lines[number] = lines[number].replace("# ", "", 1)
    file = tmp_path / "server.yaml"
    file.write_text("\n".join(lines), encoding="utf-8")
    names = ("TELEGRAM_TOKEN", "NTFY_TOKEN", "ZALO_SECRET", "ZALO_REFRESH")
    found = load_server(file, environ=dict.fromkeys(names, "x"))
    kinds = [channel.kind for channel in found.alerts.channels.values()]
    assert kinds == ["telegram", "apprise", "zalo_oa", "zalo_zns"]
