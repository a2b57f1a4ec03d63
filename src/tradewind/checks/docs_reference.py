"""Writes the reference pages that are made from the code: settings, commands, errors, states. `make docs` runs it."""

import pkgutil
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Union, get_args, get_origin

import typer
from pydantic import SecretStr

import tradewind
from tradewind.kit import StateMachine, TradewindError
from tradewind.settings import Settings

MADE = "<!-- Made from the code by `make docs`. Do not edit. -->"
# These do something when they are imported, or need an extra that may be absent.
_NOT_IMPORTED = ("tradewind.__main__", "tradewind.db.migrations", "tradewind.adapters.placement.ray_pool")
_TYPE_NAMES: dict[object, str] = {Path: "path", SecretStr: "secret text", int: "whole number", str: "text", bool: "true or false"}


def pages() -> dict[str, str]:
    """Every generated page by its file name in docs/reference/."""
    modules = list(_modules())
    return {"settings.md": _settings_page(), "cli.md": _cli_page(), "errors.md": _errors_page(), "states.md": _states_page(modules)}


def write_pages(folder: Path) -> list[Path]:
    """Writes the pages that differ from what the folder holds; returns those."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, text in pages().items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def commands() -> dict[str, Any]:
    """Every command by its words, such as "catalog import"; groups are left out unless they do something themselves."""
    app = import_module("tradewind.cli.app")
    found: dict[str, Any] = {}
    for name in sorted(app.COMMANDS):
        command = typer.main.get_command(import_module(app.COMMANDS[name][0]).app)
        found |= dict(_commands(name, command))
    return found


def _commands(words: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", {})
    if not inner or getattr(command, "invoke_without_command", False):
        yield words, command
    for name in sorted(inner):
        yield from _commands(f"{words} {name}", inner[name])


def _modules() -> Iterator[ModuleType]:
    for info in pkgutil.walk_packages(tradewind.__path__, "tradewind.", onerror=lambda _name: None):
        if not info.name.startswith(_NOT_IMPORTED):
            yield import_module(info.name)


def _settings_page() -> str:
    rows = [
        (f"`TRADEWIND_{name.upper()}`", _type_name(field.annotation), _default(field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    intro = "Each setting is an environment variable. A value that a setting does not accept stops the command with the reason."
    return _page("Settings", intro, _table(("setting", "type", "default", "what it does"), rows))


def _type_name(annotation: object) -> str:
    if get_origin(annotation) is Union or type(annotation).__name__ == "UnionType":
        return " or unset".join(_type_name(part) if part is not type(None) else "" for part in get_args(annotation))
    return _TYPE_NAMES.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _default(value: object) -> str:
    return "unset" if value is None else f"`{value}`"


def _cli_page() -> str:
    parts = ["Data goes to stdout, talk to stderr. Exit codes: 0 ok, 1 failed, 2 usage, 3 the command worked and found issues.", ""]
    parts += [f"- [`tradewind {words}`](#tradewind-{words.replace(' ', '-')})" for words in commands()]
    for words, command in commands().items():
        parts += ["", *_command_lines(words, command)]
    return _page("Commands", "", "\n".join(parts))


def _command_lines(words: str, command: Any) -> list[str]:
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    options = [parameter for parameter in command.params if parameter.param_type_name == "option"]
    shown = " ".join(_argument(argument) for argument in arguments)
    rows = [(f"`{' / '.join([*option.opts, *option.secondary_opts])}`", _one_line(option.help)) for option in options]
    usage = " ".join(filter(None, [f"tradewind {words}", "[OPTIONS]" if options else "", shown]))
    lines = [f"## tradewind {words}", *_help_lines(command.help or ""), "", "```text", usage, "```"]
    return lines + (["", _table(("option", "meaning"), rows)] if rows else [])


def _argument(argument: Any) -> str:
    name = (argument.metavar or str(argument.name).upper()).removesuffix("...").strip("[]")
    shown = f"{name}..." if argument.nargs == -1 or argument.multiple else name
    return shown if argument.required else f"[{shown}]"


def _help_lines(text: str) -> list[str]:
    """The help with its example as code, so that nothing in it is taken for markup."""
    lines = [line.strip() for line in text.replace("\b", "").strip().splitlines()]
    return [f"Example: `{line.removeprefix('Example: ')}`" if line.startswith("Example: ") else line for line in lines]


def _errors_page() -> str:
    kinds = {kind for kind in _subclasses(TradewindError) if kind.__module__.startswith("tradewind.")}
    rows = [
        (f"`{kind.code}`", f"`{kind.__name__}`", kind.__module__.split(".")[1], str(kind.http_status), _one_line(kind.__doc__))
        for kind in sorted(kinds, key=lambda kind: (kind.code, kind.__module__, kind.__name__))
    ]
    intro = "What Tradewind says on purpose. `code` is stable and is what programs test; the message and its `next:` line are for people."
    return _page("Errors", intro, _table(("code", "class", "room", "HTTP", "meaning"), rows))


def _subclasses(kind: type[TradewindError]) -> Iterator[type[TradewindError]]:
    for inner in kind.__subclasses__():
        yield inner
        yield from _subclasses(inner)


def _states_page(modules: Sequence[ModuleType]) -> str:
    machines = {value.name: value for module in modules for value in vars(module).values() if isinstance(value, StateMachine)}
    parts = []
    for name in sorted(machines):
        final = ", ".join(sorted(machines[name].final_states)) or "none"
        parts += [f"## {name}", f"Final states: {final}.", "", "```mermaid", machines[name].diagram(), "```", ""]
    return _page("States", "A machine is a table of named transitions; nothing changes a state in another way.", "\n".join(parts).rstrip())


def _page(title: str, intro: str, body: str) -> str:
    return "\n".join([f"# {title}", MADE, "", *([intro, ""] if intro else []), body, ""])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows])


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split("\n\n", maxsplit=1)[0].split())


def main() -> None:
    """Writes the pages into docs/reference/ of the checkout and names those that changed."""
    folder = Path(tradewind.__file__).resolve().parents[2] / "docs" / "reference"
    for path in write_pages(folder):
        sys.stderr.write(f"{path}\n")


if __name__ == "__main__":
    main()
