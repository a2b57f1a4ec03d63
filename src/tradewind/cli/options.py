"""What several commands read of their options and surroundings, said once."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from tradewind.settings import Settings


def settings_here() -> "Settings":
    """The settings of this process; SettingIsInvalid."""
    from tradewind.settings import load_settings

    return load_settings()


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()


def day_of(text: str | None) -> date:
    """The day that a text names, today without one; a usage error when it names none."""
    try:
        return date.fromisoformat(text) if text else today()
    except ValueError:
        raise typer.BadParameter(f'"{text}" is not a day; write it like 2026-07-01') from None
