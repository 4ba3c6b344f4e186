import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.redact import Secret
from edge.rtsp.auth import (
    Challenge,
    authorize,
    choose,
    digest,
    parse_authorization,
    parse_challenges,
)
from edge.rtsp.framing import Headers
from edge.rtsp.url import Credentials

MUFASA = Credentials("Mufasa", Secret("Circle of Life"))
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm: str, expected: str) -> None:
    header = (
        f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
        f'nonce="{NONCE}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    (challenge,) = parse_challenges(Headers([("WWW-Authenticate", header)]))
    value = authorize(challenge, MUFASA, method="GET", uri="/dir/index.html", cnonce=CNONCE)
    parsed = parse_authorization(value)
    assert parsed is not None
    assert parsed[1]["response"] == expected
    assert parsed[1] | {"nc": "00000001", "qop": "auth", "algorithm": algorithm} == parsed[1]


def test_the_example_of_rfc_2617() -> None:
    assert (
        digest(
            user="Mufasa",
            realm="testrealm@host.com",
            password="Circle Of Life",
            method="GET",
            uri="/dir/index.html",
            nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",
            qop="auth",
            nonce_count="00000001",
            cnonce="0a4f113b",
        )
        == "6629fae49393a05397450978507c4ef1"
    )


def test_without_qop_the_old_form_of_rfc_2069_is_used() -> None:
    found = digest(
        user="Mufasa",
        realm="testrealm@host.com",
        password="Circle Of Life",
        method="GET",
        uri="/dir/index.html",
        nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",
    )
    assert found == "670fd8c2df070c60b045671b8b24ff02"


def test_several_challenges_in_one_header_and_in_several() -> None:
    headers = Headers(
        [
            ("WWW-Authenticate", 'Basic realm="a, b=c", Digest realm="q\\"x", nonce=1, stale=TRUE'),
            ("WWW-Authenticate", "Negotiate"),
        ]
    )
    basic, md5, other = parse_challenges(headers)
    assert (basic.scheme, basic.realm) == ("Basic", "a, b=c")
    assert (md5.scheme, md5.realm, md5.nonce, md5.stale) == ("Digest", 'q"x', "1", True)
    assert not other.supported
    assert choose((basic, other, md5)) is md5
    assert choose((other, basic)) is basic
    assert choose((other,)) is None


@pytest.mark.parametrize(
    "challenge",
    [
        Challenge(scheme="Digest", algorithm="SHA-512-256"),
        Challenge(scheme="Digest", qop=("auth-conf",)),
        Challenge(scheme="Negotiate"),
    ],
)
def test_what_we_do_not_speak_is_refused(challenge: Challenge) -> None:
    with pytest.raises(ValueError, match="not supported"):
        authorize(challenge, MUFASA, method="GET", uri="/", cnonce="1")


def test_basic_is_utf_8() -> None:
    value = authorize(
        Challenge(scheme="Basic"),
        Credentials("bảo", Secret("vệ:1")),
        method="X",
        uri="/",
        cnonce="",
    )
    assert value == "Basic YuG6o286duG7hzox"


@given(st.text(max_size=300))
def test_any_challenge_parses(text: str) -> None:
    for challenge in parse_challenges(Headers([("WWW-Authenticate", text)])):
        assert challenge.scheme


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n")))
def test_a_user_name_of_any_characters_survives_the_header(user: str) -> None:
    challenge = Challenge(scheme="Digest", realm='r"\\', nonce="n")
    value = authorize(challenge, Credentials(user, Secret("x")), method="M", uri="u", cnonce="c")
    parsed = parse_authorization(value)
    assert parsed is not None
    assert (parsed[1]["username"], parsed[1]["realm"]) == (user, 'r"\\')


def test_auth_int_is_answered_where_auth_is_not_offered() -> None:
    offered = Challenge(scheme="Digest", realm="r", nonce="n", qop=("auth-int",))
    parsed = parse_authorization(
        authorize(offered, MUFASA, method="PLAY", uri="rtsp://c/a", cnonce="1")
    )
    assert parsed is not None
    empty = hashlib.md5(b"").hexdigest()
    a1 = hashlib.md5(b"Mufasa:r:Circle of Life").hexdigest()
    a2 = hashlib.md5(f"PLAY:rtsp://c/a:{empty}".encode()).hexdigest()
    wanted = hashlib.md5(f"{a1}:n:00000001:1:auth-int:{a2}".encode()).hexdigest()
    assert (parsed[1]["qop"], parsed[1]["response"]) == ("auth-int", wanted)
