"""Mail over real SMTP: whom it goes to, whom it trusts, and what it makes of answers."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest

from server.config import Address, Email, Secret, SmtpSecurity
from server.transports import GiveUpError, RetryError
from server.transports.email import EmailTransport
from tests.system.fixtures_mail import Post, open_post
from tests.system.fixtures_transports import (  # noqa: F401 (a fixture for all)
    SENTINEL,
    message,
    nothing_secret_is_logged,
)
from tests.system.tls_files import make_certificate


def mail(
    post: Post,
    *to: str,
    security: SmtpSecurity = SmtpSecurity.NONE,
) -> EmailTransport:
    return EmailTransport(
        Email(
            smtp=Address(host="127.0.0.1", port=post.port),
            security=security,
            sender="vonggac@example.vn",
            to=to,
            user="vonggac",
            password=Secret(f"mật {SENTINEL}"),
        )
    )


async def test_a_mail_goes_to_the_messages_own_addresses_or_to_the_channels() -> None:
    async with open_post(Post()) as post:
        transport = mail(post, "chung@example.vn")
        await transport.send(message())
        await transport.send(message(to=("a@example.vn", "b@example.vn")))
        assert post.receivers == ["chung@example.vn", "a@example.vn", "b@example.vn"]
        first = message_from_bytes(post.mails[0].removesuffix(b".\r\n"), policy=policy.default)
        assert first["Subject"] == message().subject
        assert first["Message-ID"] == "<m-1@example.vn>"
        assert first.get_content() == message().text.replace("\n", "\r\n")
        assert post.logins[0] == f"\0vonggac\0mật {SENTINEL}".encode()


async def test_a_mail_that_was_taken_is_not_sent_again_for_a_rude_goodbye() -> None:
    async with open_post(Post(rude=True)) as post:
        said = await mail(post, "a@example.vn", "nobody@example.vn").send(message())
        assert said == f"taken by 127.0.0.1:{post.port}, but not nobody@example.vn: 550"


@pytest.mark.parametrize("to", [(), ("a@b.vn\r\nBcc: x@y.vn",)])
async def test_what_can_be_no_receiver_is_given_up(to: tuple[str, ...]) -> None:
    async with open_post(Post()) as post:
        with pytest.raises(GiveUpError):
            await mail(post).send(message(to=to))
        assert post.receivers == []


@pytest.mark.parametrize(
    ("verb", "reply", "error"),
    [
        ("DATA", "451 later", RetryError),
        ("DATA", "554 no", GiveUpError),
        ("RCPT", "450 later", RetryError),
        ("RCPT", "550 no such user", GiveUpError),
        ("AUTH", "535 no", RetryError),
        ("MAIL", "421 busy", RetryError),
    ],
)
async def test_a_mail_servers_answer_decides(verb: str, reply: str, error: type[Exception]) -> None:
    async with open_post(Post(replies={verb: reply})) as post:
        with pytest.raises(error) as caught:
            await mail(post, "a@example.vn").send(message())
        assert SENTINEL not in str(caught.value)


@pytest.mark.parametrize("security", [SmtpSecurity.TLS, SmtpSecurity.STARTTLS])
async def test_a_mail_and_its_password_go_only_to_a_server_that_proves_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: SmtpSecurity
) -> None:
    files = make_certificate(tmp_path, "127.0.0.1")
    tls, at_once = files.server_context(), security is SmtpSecurity.TLS
    async with open_post(Post(tls=tls, from_the_start=at_once)) as post:
        with pytest.raises(RetryError):
            await mail(post, "a@example.vn", security=security).send(message())
        assert (post.mails, post.logins) == ([], [])
        monkeypatch.setenv("SSL_CERT_FILE", str(files.certificate))
        await mail(post, "a@example.vn", security=security).send(message())
        assert (len(post.mails), len(post.logins)) == (1, 1)


async def test_a_server_without_starttls_hears_no_password() -> None:
    async with open_post(Post()) as post:
        with pytest.raises(RetryError):
            await mail(post, "a@example.vn", security=SmtpSecurity.STARTTLS).send(message())
        assert (post.mails, post.logins) == ([], [])
