"""A mail server's other side: enough of SMTP, with TLS from the start, by STARTTLS, or none."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Post:
    """``replies``: what it says to a verb instead of yes; ``mails`` and ``logins``: what it got."""

    replies: dict[str, str] = field(default_factory=dict)
    mails: list[bytes] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    receivers: list[str] = field(default_factory=list)
    port: int = 0
    tls: ssl.SSLContext | None = None
    from_the_start: bool = False
    rude: bool = False

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        while line := await reader.readline():
            verb = line[:4].decode().upper()
            writer.write(f"{await self._answer(verb, line, reader, writer)}\r\n".encode())
            if verb == "STAR" and self.tls is not None:
                with suppress(ssl.SSLError):  # whoever does not trust us goes away
                    await writer.start_tls(self.tls)
            if verb == "QUIT":
                break
        writer.close()

    async def _answer(
        self, verb: str, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> str:
        if verb == "EHLO":
            return "250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN"
        if verb == "STAR":
            return "220 go" if self.tls is not None else "502 no"
        if verb == "AUTH":
            self.logins.append(base64.b64decode(line.split()[2]))
            return self.replies.get(verb, "235 ok")
        if verb == "RCPT":
            self.receivers.append(line.decode().split("<")[1].split(">")[0])
            if self.receivers[-1].startswith("nobody"):
                return "550 no such user"
        if verb == "QUIT":
            return "500 what?" if self.rude else "221 bye"
        if verb == "DATA":
            writer.write(b"354 go on\r\n")
            self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
        return self.replies.get(verb, "250 ok")


@asynccontextmanager
async def open_post(post: Post) -> AsyncIterator[Post]:
    tls = post.tls if post.from_the_start else None
    server = await asyncio.start_server(post.talk, "127.0.0.1", 0, ssl=tls)
    post.port = server.sockets[0].getsockname()[1]
    async with server:
        yield post
