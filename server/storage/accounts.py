"""People, their sessions, and the agents' passwords."""

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from server.storage.database import Database, insert_id
from server.storage.people import agent_credential, session, user_account
from server.storage.rows import Role, Session, User
from server.storage.times import moment_of, ms_of


class Accounts(Database):
    """The store's part for who may come in."""

    async def count_users(self) -> int:
        """Return how many people there are."""
        async with self.reading() as connection:
            query = select(func.count()).select_from(user_account)
            return int((await connection.execute(query)).scalar_one())

    async def user_by_name(self, name: str) -> User | None:
        """Return a person by name; a disabled one too."""
        async with self.reading() as connection:
            row = (
                await connection.execute(select(user_account).where(user_account.c.name == name))
            ).first()
        return None if row is None else _user(row)

    async def create_user(
        self, name: str, password_hash: str, *, now: datetime, role: Role = Role.VIEWER
    ) -> User:
        """Add a person. Raises ``PoisonError`` if the name is taken."""
        values = {
            "name": name,
            "password_hash": password_hash,
            "created_ms": ms_of(now),
            "disabled": False,
            "role": role,
        }
        async with self.writing() as connection:
            number = await insert_id(connection, user_account, values)
        return User(id=number, name=name, password_hash=password_hash, created_at=now, role=role)

    async def set_role(self, name: str, role: Role) -> bool:
        """Say what a person may do from now on; False if there is no such person."""
        change = update(user_account).where(user_account.c.name == name).values(role=role)
        async with self.writing() as connection:
            return (await connection.execute(change)).rowcount > 0

    async def set_password(
        self, name: str, password_hash: str, *, now: datetime, role: Role = Role.VIEWER
    ) -> None:
        """Give ``name`` a new password; ends their sessions.

        A person who isn't there yet is added, with ``role``.
        """
        user = await self.user_by_name(name)
        if user is None:
            await self.create_user(name, password_hash, now=now, role=role)
            return
        change = update(user_account).where(user_account.c.id == user.id)
        async with self.writing() as connection:
            await connection.execute(change.values(password_hash=password_hash))
            await connection.execute(delete(session).where(session.c.user_id == user.id))

    async def create_session(
        self, token_hash: str, user: User, *, now: datetime, lifetime: timedelta
    ) -> Session:
        """Sign ``user`` in for ``lifetime``; sweeps away sessions that have expired."""
        values = {
            "token_hash": token_hash,
            "user_id": user.id,
            "created_ms": ms_of(now),
            "seen_ms": ms_of(now),
            "expires_ms": ms_of(now + lifetime),
        }
        async with self.writing() as connection:
            await connection.execute(delete(session).where(session.c.expires_ms <= ms_of(now)))
            await connection.execute(session.insert().values(values))
        return Session(
            token_hash=token_hash,
            user=user,
            created_at=now,
            seen_at=now,
            expires_at=now + lifetime,
        )

    async def session(self, token_hash: str, *, now: datetime) -> Session | None:
        """Return the session, unless it has expired or its user is disabled."""
        query = (
            select(user_account, session)
            .join(user_account, user_account.c.id == session.c.user_id)
            .where(
                session.c.token_hash == token_hash,
                session.c.expires_ms > ms_of(now),
                user_account.c.disabled.is_(False),
            )
        )
        async with self.reading() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            return None
        return Session(
            token_hash=token_hash,
            user=_user(row),
            created_at=moment_of(row._mapping[session.c.created_ms]),  # noqa: SLF001 (Row's public name)
            seen_at=moment_of(row.seen_ms),
            expires_at=moment_of(row.expires_ms),
        )

    async def touch_session(self, token_hash: str, *, now: datetime, lifetime: timedelta) -> None:
        """Note that the session is in use: it lasts ``lifetime`` from now."""
        change = update(session).where(session.c.token_hash == token_hash)
        async with self.writing() as connection:
            await connection.execute(
                change.values(seen_ms=ms_of(now), expires_ms=ms_of(now + lifetime))
            )

    async def end_session(self, token_hash: str) -> None:
        """Sign out."""
        async with self.writing() as connection:
            await connection.execute(delete(session).where(session.c.token_hash == token_hash))

    async def set_agent_secret(self, agent: str, secret: str, *, now: datetime) -> None:
        """Store the SHA-256 of an agent's password (a 256-bit random secret needs no slow hash)."""
        row = {"agent": agent, "secret_sha256": _sha256(secret), "created_ms": ms_of(now)}
        statement = self.upsert(agent_credential).values(row)
        async with self.writing() as connection:
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["agent"],
                    set_={k: statement.excluded[k] for k in ("secret_sha256", "created_ms")},
                )
            )

    async def agent_secret_fits(self, agent: str, secret: str) -> bool:
        """Tell whether ``secret`` is the agent's; compares in constant time."""
        query = select(agent_credential.c.secret_sha256).where(agent_credential.c.agent == agent)
        async with self.reading() as connection:
            known = (await connection.execute(query)).scalar_one_or_none()
        return hmac.compare_digest(known or "-" * 64, _sha256(secret)) and known is not None


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _role(word: str) -> Role:
    """Return a role; one that only a newer version knows may do the least."""
    try:
        return Role(word)
    except ValueError:
        return Role.VIEWER


def _user(row: "object") -> User:
    mapping = row._mapping  # type: ignore[attr-defined] # noqa: SLF001 (Row's public name)
    return User(
        id=mapping[user_account.c.id],
        name=mapping[user_account.c.name],
        password_hash=mapping[user_account.c.password_hash],
        created_at=moment_of(mapping[user_account.c.created_ms]),
        disabled=mapping[user_account.c.disabled],
        role=_role(mapping[user_account.c.role]),
    )
