"""The `tradewind` command: finds the command's module, and turns errors into two helpful lines and an exit code.

Exit codes: 0 ok, 1 failed, 2 usage, 3 the command worked and found issues.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

# name: (module, help). A module has `app` (a Typer) and is imported only when its command is named.
COMMANDS: dict[str, tuple[str, str]] = {
    "catalog": ("tradewind.cli.catalog", "Import the home catalog, draft mappings, see gaps and quarantine."),
    "db": ("tradewind.cli.db", "Upgrade, back up and restore the database."),
    "demo": ("tradewind.cli.demo", "Build the sample catalog, run everything and open the store."),
    "doctor": ("tradewind.cli.doctor", "Check this installation and say what to do."),
    "explain": ("tradewind.cli.explain", "The whole story of one product in one market."),
    "fx": ("tradewind.cli.fx", "Exchange rates: their age and kind, and newer ones."),
    "google": ("tradewind.cli.google", "Accounts and listings at Google's Merchant Center."),
    "launch": ("tradewind.cli.launch", "What must be in place before a market's first push."),
    "keys": ("tradewind.cli.keys", "Keys that seal personal data, and those of programs."),
    "listings": ("tradewind.cli.listings", "Judge listings, prove that every surface agrees, hand feeds over."),
    "market": ("tradewind.cli.market", "Markets and their dated rules."),
    "offer": ("tradewind.cli.offer", "Withdraw an offer from every channel, restore it, see lags."),
    "order": ("tradewind.cli.order", "List, show, ship, refund and cancel orders."),
    "payment": ("tradewind.cli.payment", "Payments: what is unknown, what needs a person, disputes."),
    "price": ("tradewind.cli.price", "Explain a price by the rules of any day, quote a basket, see history."),
    "run": ("tradewind.cli.run", "From the catalog to offers and feeds; approve, reject, roll back."),
    "search": ("tradewind.cli.search", "Build search indexes, ask them, measure them."),
    "seller": ("tradewind.cli.seller", "The seller's registrations, and U.S. sales tax rates."),
    "serve": ("tradewind.cli.serve", "Start the store window."),
    "stock": ("tradewind.cli.stock", "Import and show stock by location."),
    "tariff": ("tradewind.cli.tariff", "Import duty: load tariffs, show a code's layers."),
    "ucp": ("tradewind.cli.ucp", "Native checkout in agents: keys that sign messages."),
    "webhook": ("tradewind.cli.webhook", "Who is told of orders, what they heard, sending again."),
    "worker": ("tradewind.cli.worker", "Run queued jobs and schedules."),
}


class LazyGroup(TyperGroup):
    """A group whose commands are imported when they are used, so that --help stays fast."""

    def list_commands(self, _ctx: Any) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        if ctx.resilient_parsing or "--help" in sys.argv[1:2] or len(sys.argv) == 1:
            return TyperCommand(cmd_name, help=entry[1])
        return typer.main.get_command(import_module(entry[0]).app)


_FILE_HINT = "give a path that you may read and write; the workspace is the folder of TRADEWIND_HOME"

app = typer.Typer(cls=LazyGroup, no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback()
def root() -> None:
    """Opens a retailer's flagship store on Google's shopping platforms.

    Example: tradewind demo
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point: errors of Tradewind become `error:` and `next:` lines, anything else keeps its traceback.

    Without `arguments`, those of the process count.
    """
    from tradewind.kit import TradewindError

    try:
        app(args=arguments)
    except TradewindError as error:
        print_error(error)
        raise SystemExit(1) from None
    except OSError as error:
        if error.filename is None:
            raise
        print_error(TradewindError(f"{error.filename}: {error.strerror}", hint=_FILE_HINT))
        raise SystemExit(1) from None


def print_error(error: Any) -> None:
    """What happened and what to do next, on stderr."""
    body = str(error.message).replace("\n", "\n       ")
    print(f"error: {body}", file=sys.stderr)
    if error.hint:
        hint = str(error.hint).replace("\n", "\n       ")
        print(f"next:  {hint}", file=sys.stderr)
