"""What several commands read of their options and surroundings, said once."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tradewind.settings import Settings


def settings_here() -> "Settings":
    """The settings of this process; SettingIsInvalid."""
    from tradewind.settings import load_settings

    return load_settings()


def one_of(value: str | None, known: "Iterable[str]", option: str) -> str | None:
    """The value when it is known, or was not given; a usage error that names the known ones when it is not."""
    names = [str(one) for one in known]
    if value is not None and value not in names:
        raise typer.BadParameter(f'"{value}" is none of {", ".join(names)}', param_hint=option)
    return value


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()


def day_of(text: str | None) -> date:
    """The day that a text names, today without one; a usage error when it names none."""
    try:
        return date.fromisoformat(text) if text else today()
    except ValueError:
        raise typer.BadParameter(f'"{text}" is not a day; write it like 2026-07-01') from None
