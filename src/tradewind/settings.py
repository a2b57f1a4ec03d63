"""Every setting of Tradewind, typed. Each is read from the environment as TRADEWIND_<NAME>; docs/reference/settings.md is made from this."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from tradewind.kit import TradewindError


class SettingIsInvalid(TradewindError):
    """An environment variable holds a value that its setting does not accept."""

    code = "setting_invalid"


class Settings(BaseSettings):
    """What a retailer may change about an installation without touching code."""

    model_config = SettingsConfigDict(env_prefix="TRADEWIND_", frozen=True, extra="ignore")

    home: Path = Field(Path("./var"), description="The workspace folder: embedded database, snapshots, runs, feeds.")
    database_url: SecretStr | None = Field(None, description="A PostgreSQL URL. Unset: an embedded PostgreSQL 18 runs in the workspace.")
    data_keys: SecretStr | None = Field(None, description="The keys that seal personal data, as the text of their file; never logged.")
    data_keys_file: Path | None = Field(
        None, description="The file of these keys instead. Neither set: the workspace makes its own, data-keys.json."
    )
    public_url: str = Field("http://127.0.0.1:8000", description="The address shoppers and Google use; every absolute link starts with it.")
    store_name: str = Field("Tradewind", min_length=1, max_length=60, description="The shop's name on its pages.")
    contact_email: str | None = Field(None, description="The address shoppers may write to; the contact page shows it.")
    seller_address: str | None = Field(None, description="The seller's legal name and postal address; lines are separated by |.")
    mail_server: SecretStr | None = Field(
        None,
        description="smtp://user:password@host:587 (STARTTLS) or smtps://…:465; never logged. Unset: mails become files in mails/ of the workspace.",
    )
    mail_server_file: Path | None = Field(None, description="A file that holds this address instead, such as a mounted secret.")
    mail_from: str = Field("shop@localhost", description="The address that mails come from.")
    font_folder: Path | None = Field(None, description="A folder with TrueType fonts for papers, asked before those of the system.")
    host: str = Field("127.0.0.1", description="The address `tradewind serve` listens on.")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8000, description="The port `tradewind serve` listens on; 0 takes a free one.")
    workers: Annotated[int, Field(ge=1, le=256)] = Field(2, description="Processes that a run uses on this machine.")
    shard_rows: Annotated[int, Field(ge=100, le=1_000_000)] = Field(
        50_000, description="About how many variants one shard of a snapshot holds; sets the peak memory of a run."
    )
    memory_limit_mb: Annotated[int, Field(ge=256)] = Field(1024, description="Memory limit of the batch engine in each process, in MB.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: str = Field("auto", description="json, console, or auto (console on a terminal, else json).")
    market_folder: Path | None = Field(None, description="A folder with the retailer's own market, network and margin TOML files.")
    tax_provider: str = Field("rate_file", description="What calculates U.S. sales tax: rate_file or stripe.")
    stripe_api_key: SecretStr | None = Field(None, description="The secret key of Stripe (payments, Stripe Tax); never logged.")
    stripe_api_key_file: Path | None = Field(None, description="A file that holds this key instead, such as a mounted secret.")
    stripe_api_url: str = Field("https://api.stripe.com", description="The address of Stripe's API; https but on this machine.")
    payment_providers: str = Field(
        "fake", description="Who takes payments, in the order they are asked: stripe, on_delivery, fake; separated by commas."
    )
    stripe_webhook_secret: SecretStr | None = Field(
        None, description="The secret of Stripe's webhook endpoint; two while one replaces the other, separated by a comma; never logged."
    )
    stripe_webhook_secret_file: Path | None = Field(None, description="A file that holds this secret instead.")
    stripe_publishable_key: str | None = Field(
        None, description="The publishable key of Stripe (pk_…): with it the checkout shows Stripe's card fields."
    )
    stripe_js_url: str = Field("https://js.stripe.com/v3/", description="The address of Stripe.js; https but on this machine.")
    stripe_multiple_captures: bool = Field(False, description="Whether the account at Stripe may capture an authorization several times.")
    payment_seconds: Annotated[int, Field(ge=1, le=120)] = Field(20, description="After how long a provider's answer counts as lost.")
    hold_seconds: Annotated[int, Field(ge=2, le=3600)] = Field(
        120, description="How long units are held for a shopper who is paying; never shorter than twice TRADEWIND_PAYMENT_SECONDS."
    )
    google_key: SecretStr | None = Field(
        None, description="The key of the service account that signs in to Google, as the JSON text of its file; never logged."
    )
    google_key_file: Path | None = Field(None, description="The file of this key instead, such as a mounted secret.")
    google_emulator: str | None = Field(None, description="host:port of a Merchant Center emulator, used instead of Google.")
    google_orders_partner: str | None = Field(
        None, description="The retailer's partner id for order events at Google; unset: none are sent there."
    )
    google_orders_api_key: SecretStr | None = Field(None, description="The key that Google gave for these events; never logged.")
    google_orders_api_key_file: Path | None = Field(None, description="A file that holds this key instead.")
    google_orders_url: str = Field(
        "https://shoppingdataintegration.googleapis.com", description="The address of Google's service for these events."
    )
    feed_target: str | None = Field(
        None, description="Where feeds go after each publication: sftp://user@host:port/folder, a folder, or web (their addresses only)."
    )
    feed_sftp_password: SecretStr | None = Field(None, description="The password of this SFTP server; never logged.")
    feed_sftp_password_file: Path | None = Field(None, description="A file that holds this password instead.")
    feed_sftp_key_file: Path | None = Field(None, description="The private key file that signs in to this SFTP server.")
    feed_sftp_known_hosts: Path | None = Field(
        None, description="A known_hosts file that names this SFTP server's key; without it none is trusted."
    )
    ucp_require_signatures: bool = Field(
        False,
        description="Whether every UCP request must be signed (RFC 9421). Otherwise an unsigned one is served too; a false one never.",
    )
    ucp_key_grace_days: Annotated[int, Field(ge=7, le=365)] = Field(
        7, description="How long a signing key stays published after a younger one took over; the protocol asks for 7 days at least."
    )
    outgoing_loopback: bool | None = Field(
        None,
        description="Whether profiles and webhooks may lie on this machine, by http too. Unset: only where TRADEWIND_PUBLIC_URL itself does.",
    )
    gate_vanished_ppm: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        50_000, description="A market waits for approval when more than this share of its offers vanish (millionths)."
    )
    gate_median_price_ppm: Annotated[int, Field(ge=0)] = Field(
        30_000, description="… when its median price moves by more than this share (millionths)."
    )
    gate_single_price_ppm: Annotated[int, Field(ge=0)] = Field(
        300_000, description="… when one price moves by more than this share (millionths)."
    )
    gate_category_shift_ppm: Annotated[int, Field(ge=1_000_000)] = Field(
        1_700_000, description="… when a category's median cost or weight grows or shrinks by this factor (millionths: 1.7 times)."
    )
    keep_runs: Annotated[int, Field(ge=2, le=1000)] = Field(5, description="How many finished runs stay on disk for rollback.")
    keep_webhooks_days: Annotated[int, Field(ge=8, le=3650)] = Field(
        30, description="How many days webhooks that were delivered or given up are remembered, for looking and for sending again."
    )
    keep_mails_days: Annotated[int, Field(ge=8, le=3650)] = Field(
        90, description="How many days it is remembered which mails went out (their references, never their text)."
    )
    keep_idempotency_hours: Annotated[int, Field(ge=24, le=720)] = Field(
        48, description="How many hours an answer is kept for whoever repeats a call with its Idempotency-Key."
    )
    keep_carts_days: Annotated[int, Field(ge=0, le=3650)] = Field(1, description="How many days a cart stays after it has expired.")
    keep_sessions_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        30, description="How many days a checkout without an order stays after it has expired."
    )
    keep_completed_sessions_days: Annotated[int, Field(ge=30, le=3650)] = Field(
        120, description="How many days a checkout that became an order stays after it would have expired; the order itself stays."
    )
    keep_jobs_days: Annotated[int, Field(ge=1, le=3650)] = Field(30, description="How many days failed jobs stay, to be looked at.")
    drain_seconds: Annotated[int, Field(ge=1, le=300)] = Field(30, description="How long a stopping server finishes open requests.")

    @property
    def rules_folder(self) -> Path:
        """Where the retailer's own rules, seller, rates and loaded tables are kept: the market folder, else one in the workspace."""
        return self.market_folder if self.market_folder is not None else self.home / "markets"

    @property
    def own_rules(self) -> Path | None:
        """This folder where there is one: what loads rules takes the package's alone without it."""
        folder = self.rules_folder
        return folder if self.market_folder is not None or folder.is_dir() else None

    @property
    def allows_loopback(self) -> bool:
        """Whether calls to addresses that others named may reach this machine: a shop for trying things out has its platforms beside it."""
        if self.outgoing_loopback is not None:
            return self.outgoing_loopback
        return urlsplit(self.public_url).hostname in {"127.0.0.1", "localhost", "::1"}

    @field_validator("public_url")
    @classmethod
    def _public_url_is_absolute(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @field_validator("stripe_js_url")
    @classmethod
    def _script_is_safe(cls, value: str) -> str:
        address = urlsplit(value)
        if address.scheme != "https" and address.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError("must be an https address")
        return value

    @field_validator("stripe_publishable_key")
    @classmethod
    def _publishable_key_is_no_secret(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("pk_"):
            raise ValueError("must begin with pk_: every visitor reads it, so it must not be the secret key")
        return value

    @field_validator("tax_provider")
    @classmethod
    def _tax_provider_is_known(cls, value: str) -> str:
        if value not in {"rate_file", "stripe"}:
            raise ValueError("must be rate_file or stripe")
        return value

    @field_validator("payment_providers")
    @classmethod
    def _payment_providers_are_known(cls, value: str) -> str:
        names = [name.strip() for name in value.split(",") if name.strip()]
        if not names or len(set(names)) != len(names) or not set(names) <= {"stripe", "on_delivery", "fake"}:
            raise ValueError("must name stripe, on_delivery or fake, each at most once, separated by commas")
        return ",".join(names)

    @field_validator("log_level")
    @classmethod
    def _log_level_is_known(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()


def secret(value: SecretStr | None, file: Path | None, name: str) -> SecretStr:
    """The secret that a setting gives itself or by a file; SettingIsInvalid when neither does. `name` is the setting's."""
    variable = f"TRADEWIND_{name.upper()}"
    if value is not None and value.get_secret_value().strip():
        return value
    if file is None:
        raise SettingIsInvalid(f"the setting {variable} is needed and not given", hint=f"set {variable} or {variable}_FILE")
    try:
        text = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingIsInvalid(
            f"{variable}_FILE names {file}, which cannot be read: {type(error).__name__}", hint="check its path and rights"
        ) from None
    if not text:
        raise SettingIsInvalid(f"{variable}_FILE names {file}, which is empty", hint=f"write the key into it, or set {variable}")
    return SecretStr(text)


def load_settings() -> Settings:
    """The settings of this process; SettingIsInvalid names the variable, its value and what it accepts."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "TRADEWIND_" + "_".join(str(part) for part in first["loc"]).upper()
        hidden = ("database_url", "api_key", "password", "data_keys", "mail_server", "webhook_secret", "google_key")
        is_secret = any(word in name.lower() for word in hidden)
        shown = "(hidden)" if is_secret else repr(first.get("input"))
        raise SettingIsInvalid(
            f"the setting {name} has the value {shown}: {first['msg'].lower()}",
            hint="see docs/reference/settings.md for what it accepts, or unset it for the default",
        ) from None
