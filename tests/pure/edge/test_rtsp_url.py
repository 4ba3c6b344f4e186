import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.redact import Secret, redact
from edge.rtsp.url import CameraUrl, UrlError


def parts(url: CameraUrl) -> tuple[str, str, str, int, str]:
    user, password = "", ""
    if url.credentials:
        user, password = url.credentials.user, url.credentials.password.reveal()
    return user, password, url.host, url.port, url.target


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rtsp://10.0.0.1/a", ("", "", "10.0.0.1", 554, "/a")),
        ("RTSPS://cam.local", ("", "", "cam.local", 322, "")),
        ("rtsp://u:p@10.0.0.1:8554/a?b=c#d", ("u", "p", "10.0.0.1", 8554, "/a?b=c")),
        ("rtsp://u:p@ss@10.0.0.1/a", ("u", "p@ss", "10.0.0.1", 554, "/a")),
        ("rtsp://u:p@ss/w:0?#@10.0.0.1/a", ("u", "p@ss/w:0?#", "10.0.0.1", 554, "/a")),
        ("rtsp://u:a/b@cam.local/x", ("u", "a/b", "cam.local", 554, "/x")),
        ("rtsp://u:p%40%2F@cam/x", ("u", "p@/", "cam", 554, "/x")),
        ("rtsp://u:100%@cam/x", ("u", "100%", "cam", 554, "/x")),
        ("rtsp://u@cam/x", ("u", "", "cam", 554, "/x")),
        ("rtsp://u:p@cam/live@main", ("u", "p", "cam", 554, "/live@main")),
        ("rtsp://cam/live@main", ("", "", "cam", 554, "/live@main")),
        ("rtsp://u:p@[fe80::1%eth0]:99/x", ("u", "p", "fe80::1%eth0", 99, "/x")),
        ("rtsp://cam?ch=1", ("", "", "cam", 554, "/?ch=1")),
        ("rtsp://cam/a b/ổ", ("", "", "cam", 554, "/a%20b/%E1%BB%95")),
    ],
)
def test_addresses_as_people_write_them(
    text: str, expected: tuple[str, str, str, int, str]
) -> None:
    assert parts(CameraUrl.parse(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://cam/",
        "cam/x",
        "rtsp://",
        "rtsp:///x",
        "rtsp://cam:0/",
        "rtsp://cam:65536/",
        "rtsp://cam:abc/",
        "rtsp://[::1/x",
        "rtsp://[1:2]/x",
        "rtsp://cam/a\r\nCSeq: 1",
        "rtsp://u:p@/x",
        "rtsp://cam/" + "a" * 5000,
    ],
)
def test_a_bad_address_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(UrlError) as error:
        CameraUrl.parse(text)
    assert "cam/" not in str(error.value)


ANY_TEXT = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=40)


@given(ANY_TEXT, ANY_TEXT)
def test_a_password_from_outside_may_hold_anything_and_shows_nowhere(
    user: str, password: str
) -> None:
    values = {"U": user, "P": f"bí-mật-{password}"}
    url = CameraUrl.parse("rtsp://${U}:${P}@cam.local:99/x", values.__getitem__)
    assert parts(url) == (user, values["P"], "cam.local", 99, "/x")
    shown = f"{url!r} {url.redacted} {url.request_uri} {url.credentials!r}"
    assert "bí-mật" not in shown


def test_a_name_that_is_not_set_is_told_by_name() -> None:
    with pytest.raises(UrlError, match=r"\$\{CAM1\}"):
        CameraUrl.parse("rtsp://u:${CAM1}@cam/", dict[str, str]().__getitem__)


def test_a_password_in_the_query_is_redacted_too() -> None:
    url = CameraUrl.parse("rtsp://cam/user=admin&password=b1mat&channel=1?pwd=x2&a=b")
    assert "b1mat" not in repr(url)
    assert "x2" not in url.redacted
    assert "channel=1" in url.redacted
    assert "b1mat" in url.request_uri


def test_a_secret_shows_itself_only_on_purpose() -> None:
    secret = Secret("mở cổng")
    assert f"{secret} {secret!r} {secret:>9}".count("mở") == 0
    assert secret == Secret("mở cổng")
    assert secret != Secret("đóng cổng")
    assert secret.reveal() == "mở cổng"
    with pytest.raises(TypeError):
        secret.__reduce__()


def test_redact_takes_the_longer_secret_first() -> None:
    secrets = [Secret("abc"), Secret("abcdef"), Secret("")]
    assert redact("x abcdef abc ab%40c", [*secrets, Secret("ab@c")]) == "x *** *** ***"
