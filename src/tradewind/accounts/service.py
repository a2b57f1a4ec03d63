"""What a shopper does with an account. Every path that could tell whether an account exists takes the same time and gives the same answer."""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tradewind.accounts import rules, store
from tradewind.accounts.errors import AddressLimitIsReached, CodeIsSpent, ShopperUnknown, SignInFailed, TooManyAttempts
from tradewind.accounts.model import AddressEntry, CodePurpose, Shopper, ShopperSession, SignedIn
from tradewind.db import AsyncDatabase, AsyncTransaction, Sealer, Transaction, outbox
from tradewind.kit import Clock, new_id

MAIL_TASK = "notifications:account_mail"
_TOKEN_BYTES = 32


class Accounts:
    """The accounts of one installation. `hasher` and `token` are injected so that tests are quick and can be repeated."""

    def __init__(
        self,
        database: AsyncDatabase,
        sealer: Sealer,
        clock: Clock,
        *,
        hasher: PasswordHasher | None = None,
        token: Callable[[int], str] = secrets.token_urlsafe,
    ) -> None:
        self._database, self._sealer, self._clock, self._token = database, sealer, clock, token
        self._hasher = hasher or PasswordHasher()
        # What an unknown address is checked against, so that its refusal takes as long as a wrong password's.
        self._decoy = self._hasher.hash(token(_TOKEN_BYTES))

    async def sign_up(
        self, email: str, password: str, name: str, origin: str, *, language: str, market: str, marketing: bool = False
    ) -> None:
        """Opens an account and mails its link; whoever has one gets a mail that says so, and the answer here is the same."""
        email, name = rules.checked_email(email), rules.checked_name(name)
        rules.checked_password(password, email)
        async with self._database.transaction() as tx:
            await self._counted(tx, "mail origin", origin, rules.MAIL_BY_ORIGIN)
            await self._counted(tx, "mail", email, rules.MAIL_BY_EMAIL)
        hashed = await asyncio.to_thread(self._hasher.hash, password)
        now, shopper_id = self._clock(), new_id("acc", clock=self._clock)
        async with self._database.transaction() as tx:
            row = {"shopper_id": shopper_id, "email_digest": self._by_email(email), "password_hash": hashed, "at": now}
            row |= {"language": language, "market": market, "marketing": marketing}
            row |= {
                "email_sealed": self._seal(email, "shopper", "email", shopper_id),
                "name_sealed": self._seal(name, "shopper", "name", shopper_id),
            }
            if await store.add_shopper(tx, row):
                await self._mail_code(tx, shopper_id, CodePurpose.CONFIRM, now + rules.CODE_LASTS)
                return
            known = await store.shopper_by_email(tx, self._by_email(email))
            if known:
                await outbox.put_async(tx, MAIL_TASK, {"template": "account_exists", "shopper_id": known["shopper_id"]})

    async def sign_in(self, email: str, password: str, origin: str) -> SignedIn:
        """A new visit. SignInFailed, or TooManyAttempts from this origin or for this address; `origin` is the caller's network address."""
        email = rules.checked_email(email)
        async with self._database.transaction() as tx:
            await self._counted(tx, "sign-in origin", origin, rules.SIGN_IN_BY_ORIGIN)
            await self._counted(tx, "sign-in", email, rules.SIGN_IN_BY_EMAIL)
            known = await store.shopper_by_email(tx, self._by_email(email))
        if not await asyncio.to_thread(self._fits, known["password_hash"] if known else self._decoy, password) or known is None:
            raise SignInFailed("the e-mail and the password do not belong together", hint="ask for a new password")
        async with self._database.transaction() as tx:
            await store.clear_attempts(tx, self._attempt("sign-in", email))
            if self._hasher.check_needs_rehash(known["password_hash"]):
                renewed = await asyncio.to_thread(self._hasher.hash, password)
                await store.rehash(tx, known["shopper_id"], known["password_hash"], renewed)
            return await self._visit(tx, known["shopper_id"])

    async def session(self, token: str) -> ShopperSession | None:
        """The visit of a cookie, or None when there is none or it has run out."""
        async with self._database.transaction() as tx:
            row = await store.session(tx, _hash(token), self._clock(), rules.SESSION_IDLE)
        return ShopperSession(**row) if row else None

    async def sign_out(self, token: str) -> None:
        """Ends the visit."""
        async with self._database.transaction() as tx:
            await store.end_session(tx, _hash(token))

    async def ask_reset(self, email: str, origin: str) -> None:
        """Mails a link for a new password, if there is such an account; the answer is the same."""
        email = rules.checked_email(email)
        async with self._database.transaction() as tx:
            await self._counted(tx, "mail origin", origin, rules.MAIL_BY_ORIGIN)
            await self._counted(tx, "mail", email, rules.MAIL_BY_EMAIL)
            known = await store.shopper_by_email(tx, self._by_email(email))
            if known:
                await self._mail_code(tx, known["shopper_id"], CodePurpose.RESET, self._clock() + rules.RESET_LASTS)

    async def reset(self, code: str, password: str, origin: str) -> SignedIn:
        """Sets the password that the link of a mail allows, ends every visit and begins a new one. CodeIsSpent."""
        async with self._database.transaction() as tx:
            await self._counted(tx, "code", origin, rules.CODE_BY_ORIGIN)
        hashed = await asyncio.to_thread(self._hasher.hash, rules.checked_password(password, ""))
        async with self._database.transaction() as tx:
            shopper_id = await self._spent(tx, code, CodePurpose.RESET)
            await store.set_password(tx, shopper_id, hashed)
            await store.confirm(tx, shopper_id, self._clock())
            return await self._visit(tx, shopper_id)

    async def confirm(self, code: str, origin: str) -> str:
        """The e-mail belongs to whoever opened the link: the shopper's id. CodeIsSpent."""
        async with self._database.transaction() as tx:
            await self._counted(tx, "code", origin, rules.CODE_BY_ORIGIN)
        async with self._database.transaction() as tx:
            shopper_id = await self._spent(tx, code, CodePurpose.CONFIRM)
            await store.confirm(tx, shopper_id, self._clock())
            return shopper_id

    def code_text(self, code_id: str, purpose: CodePurpose) -> str:
        """What the link of a mail carries; only who holds the keys can make it, so the outbox never holds it."""
        return f"{code_id}.{self._sealer.digest(code_id, f'code {purpose}').hex()[:43]}"

    async def shopper(self, shopper_id: str) -> Shopper:
        """The account; ShopperUnknown."""
        async with self._database.transaction() as tx:
            row = await store.shopper_by_id(tx, shopper_id)
        if row is None:
            raise ShopperUnknown("there is no such account", hint="sign in again")
        return Shopper(
            shopper_id,
            self._open(row["email_sealed"], "shopper", "email", shopper_id),
            self._open(row["name_sealed"], "shopper", "name", shopper_id),
            row["language"],
            row["market"],
            row["marketing"],
            row["created_at"],
            row["confirmed_at"],
        )

    async def addresses(self, shopper_id: str) -> list[AddressEntry]:
        """The kept addresses, the default first."""
        async with self._database.transaction() as tx:
            rows = await store.addresses(tx, shopper_id)
        return [self._address(row) for row in rows]

    async def keep_address(self, shopper_id: str, address: AddressEntry) -> AddressEntry:
        """Keeps a new address (an empty id) or changes one. AddressLimitIsReached."""
        address_id = address.address_id or new_id("adr", clock=self._clock)
        parts = {name: value for name, value in asdict(address).items() if name not in {"address_id", "is_default"}}
        row = {
            "address_id": address_id,
            "shopper_id": shopper_id,
            "address_sealed": self._seal(json.dumps(parts, ensure_ascii=False), "address", "address", address_id),
            "is_default": address.is_default,
            "at": self._clock(),
        }
        async with self._database.transaction() as tx:
            if not await store.put_address(tx, row, rules.ADDRESSES_LIMIT):
                raise AddressLimitIsReached(f"an account keeps {rules.ADDRESSES_LIMIT} addresses", hint="remove one first")
        return self._address(row)

    async def forget_address(self, shopper_id: str, address_id: str) -> bool:
        """Forgets one address of this shopper."""
        async with self._database.transaction() as tx:
            return await store.drop_address(tx, shopper_id, address_id)

    async def export(self, shopper_id: str) -> dict[str, Any]:
        """Everything this room holds of a person, as plain data (GDPR, articles 15 and 20)."""
        shopper, addresses = await self.shopper(shopper_id), await self.addresses(shopper_id)
        plain = asdict(shopper) | {"created_at": shopper.created_at.isoformat()}
        plain["confirmed_at"] = shopper.confirmed_at.isoformat() if shopper.confirmed_at else None
        return {"account": plain, "addresses": [asdict(one) | {"lines": list(one.lines)} for one in addresses]}

    async def erase(self, shopper_id: str, password: str) -> None:
        """Erases the account, once its password was given again (GDPR, article 17); orders keep the number alone. SignInFailed."""
        async with self._database.transaction() as tx:
            row = await store.shopper_by_id(tx, shopper_id)
            await self._counted(tx, "erase", shopper_id, rules.SIGN_IN_BY_EMAIL)
        if row is None:
            raise ShopperUnknown("there is no such account", hint="sign in again")
        if not await asyncio.to_thread(self._fits, row["password_hash"], password):
            raise SignInFailed("this is not the account's password", hint="ask for a new password")
        async with self._database.transaction() as tx:
            await store.erase(tx, shopper_id, self._clock())

    async def _visit(self, tx: AsyncTransaction, shopper_id: str) -> SignedIn:
        now, token = self._clock(), self._token(_TOKEN_BYTES)
        visit = ShopperSession(shopper_id, self._token(_TOKEN_BYTES), now, now + rules.SESSION_IDLE)
        await store.add_session(tx, asdict(visit) | {"token_hash": _hash(token), "ends_at": now + rules.SESSION_LONGEST})
        return SignedIn(token, visit)

    async def _mail_code(self, tx: AsyncTransaction, shopper_id: str, purpose: CodePurpose, until: datetime) -> None:
        code_id = new_id("cod", clock=self._clock)
        await store.add_code(tx, code_id, shopper_id, purpose, until)
        await outbox.put_async(tx, MAIL_TASK, {"template": f"account_{purpose}", "shopper_id": shopper_id, "code_id": code_id})

    async def _spent(self, tx: AsyncTransaction, code: str, purpose: CodePurpose) -> str:
        code_id = code.partition(".")[0]
        is_ours = secrets.compare_digest(code.encode(), self.code_text(code_id, purpose).encode())
        shopper_id = await store.spend_code(tx, code_id, purpose, self._clock()) if is_ours else None
        if shopper_id is None:
            raise CodeIsSpent("this link was used before, or is too old", hint="ask for a new one")
        return shopper_id

    async def _counted(self, tx: AsyncTransaction, kind: str, who: str, limit: tuple[int, timedelta]) -> None:
        attempts = await store.attempt(tx, self._attempt(kind, who), limit[1], self._clock())
        if attempts > limit[0]:
            raise TooManyAttempts("too many attempts", hint=f"wait {int(limit[1].total_seconds() // 60)} minutes")

    def _fits(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password[: rules.PASSWORD_LONGEST])
        except (VerificationError, InvalidHashError):
            return False

    def _attempt(self, kind: str, who: str) -> bytes:
        return self._sealer.digest(who, f"attempt {kind}")

    def _by_email(self, email: str) -> bytes:
        return self._sealer.digest(email, "accounts.email")

    def _seal(self, text: str, table: str, column: str, row_id: str) -> bytes:
        return self._sealer.seal(text, _context(f"accounts_{table}", f"{column}_sealed", row_id))

    def _open(self, sealed: bytes, table: str, column: str, row_id: str) -> str:
        return self._sealer.open(sealed, _context(f"accounts_{table}", f"{column}_sealed", row_id))

    def _address(self, row: dict[str, Any]) -> AddressEntry:
        parts = json.loads(self._open(row["address_sealed"], "address", "address", row["address_id"]))
        return AddressEntry(row["address_id"], is_default=row["is_default"], **(parts | {"lines": tuple(parts["lines"])}))


def reseal(tx: Transaction, sealer: Sealer) -> int:
    """Seals again what an older key sealed; how many values. Before an old key may go."""
    return sum(_resealed(tx, sealer, table, column) for table, (_, columns) in store.SEALED.items() for column in columns)


def _resealed(tx: Transaction, sealer: Sealer, table: str, column: str) -> int:
    renewed, after = 0, ""
    while rows := store.sealed_rows(tx, table, column, after):
        for row in rows:
            if not sealer.is_current(row["sealed"]):
                context = _context(table, column, row["id"])
                store.set_sealed(tx, table, row["id"], column, sealer.seal(sealer.open(row["sealed"], context), context))
                renewed += 1
        after = rows[-1]["id"]
    return renewed


def _context(table: str, column: str, row_id: str) -> str:
    return f"{table}.{column}/{row_id}"


def _hash(token: str) -> bytes:
    # The token is 256 random bits, so nobody can guess it from a fast hash.
    return hashlib.sha256(token.encode()).digest()
