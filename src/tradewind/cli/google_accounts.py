"""The commands of `tradewind google` about accounts: what to create, what differs, and accounts whose pushes are stopped."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli.google_work import account_problems, appeal_facts, set_up, shipping_of, topology_here
from tradewind.cli.options import settings_here

if TYPE_CHECKING:
    from tradewind.settings import Settings

FOUND_ISSUES = 3

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]


def connect(as_json: Json = False) -> None:
    """Say what to create at Google, and check what is there.

    Example: tradewind google connect
    """
    import asyncio

    from tradewind.listings.topology import FILE

    settings = settings_here()
    checks = {
        "key": "emulator" if settings.google_emulator else _key_shown(settings),
        "accounts": str(settings.rules_folder / FILE) if (settings.rules_folder / FILE).is_file() else "",
    }
    problems = asyncio.run(account_problems(settings)) if all(checks.values()) else {}
    if as_json:
        print(json.dumps({**checks, "problems": problems}, ensure_ascii=False, indent=2))
    else:
        _print_connection(checks, problems)
    if not all(checks.values()) or any(problems.values()):
        raise typer.Exit(FOUND_ISSUES)


def setup(dry_run: DryRun = False, as_json: Json = False) -> None:
    """Bring accounts, users, policies and data sources to what google.toml says.

    Example: tradewind google setup --dry-run
    """
    import asyncio

    settings = settings_here()
    steps = asyncio.run(set_up(settings, topology_here(settings), dry_run=dry_run))
    if as_json:
        print(json.dumps(steps, ensure_ascii=False, indent=2))
        return
    for step in steps:
        print(f"{'would set' if dry_run else 'set'} {step['account']}  {step['what']}: {step['name']}  {step['now']} -> {step['wanted']}")
    if not steps:
        print("everything is as google.toml says")


def shipping(as_json: Json = False) -> None:
    """The shipping services made from lanes, and what does not fit Google's form.

    Example: tradewind google shipping
    """
    settings = settings_here()
    found = {account.resource: shipping_of(settings, account) for account in topology_here(settings).accounts}
    if as_json:
        plain = {
            name: {"services": [asdict(one) for one in plan.services], "misfits": [asdict(one) for one in (*plan.misfits, *short)]}
            for name, (plan, short) in found.items()
        }
        print(json.dumps(plain, ensure_ascii=False, indent=2, default=str))
        return
    for name, (plan, short) in found.items():
        print(name)
        for service in plan.services:
            days = f"{service.handling_days[0] + service.transit_days[0]} to {service.handling_days[1] + service.transit_days[1]}"
            until = f"ordered by {service.cut_off:%H:%M} {service.timezone}"
            print(
                f"  {service.name}{' (listings with this label)' if service.label else ''}: free to {service.country} in {days} business days, {until}, up to {service.max_weight_g:,} g"
            )
        for one in (*plan.misfits, *short):
            print(f"  does not fit: {one.market} {one.subject}: {one.message}{'; listings carry it themselves' if one.at_item else ''}")


def freeze(account: str, reason: Annotated[str, typer.Option(help="Why; the appeal begins with it.")]) -> None:
    """Stop every push of an account.

    Example: tradewind google freeze accounts/1001 --reason "misrepresentation"
    """
    from tradewind.db import audit, open_database
    from tradewind.kit import system_clock
    from tradewind.listings.sync import freeze as stop

    with open_database(settings_here()) as database, database.transaction() as tx:
        stop(tx, account, reason, system_clock())
        audit.record(tx, "command line", "google.freeze", account, {"reason": reason})
    print(f"{account} is frozen; when it is settled: tradewind google thaw {account}")


def thaw(account: str) -> None:
    """Let the pushes of a frozen account go on.

    Example: tradewind google thaw accounts/1001
    """
    from tradewind.db import audit, open_database
    from tradewind.listings.sync import thaw as go_on

    with open_database(settings_here()) as database, database.transaction() as tx:
        was_frozen = go_on(tx, account)
        audit.record(tx, "command line", "google.thaw", account, {"was_frozen": was_frozen})
    print(f"{account} {'goes on' if was_frozen else 'was not frozen'}")


def appeal(account: str, as_json: Json = False) -> None:
    """Gather what an appeal for a frozen or suspended account needs.

    Example: tradewind google appeal accounts/1001
    """
    number = account.removeprefix("accounts/")
    if not number.isdigit():
        raise typer.BadParameter(f'"{account}" is no account; write it as accounts/1001', param_hint="ACCOUNT")
    found = appeal_facts(settings_here(), int(number))
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2, default=str))
        return
    _print_appeal(found)


def _key_shown(settings: "Settings") -> str:
    """Where the key comes from, never a word of it."""
    if settings.google_key is not None and settings.google_key.get_secret_value().strip():
        return "TRADEWIND_GOOGLE_KEY"
    return str(settings.google_key_file or "")


def _print_connection(checks: dict[str, str], problems: dict[str, list[str]]) -> None:
    print(
        f"sign-in   {checks['key'] or 'missing: create a service account, download its key, set TRADEWIND_GOOGLE_KEY_FILE or TRADEWIND_GOOGLE_KEY'}"
    )
    print(f"accounts  {checks['accounts'] or 'missing: write google.toml, see docs/how-to/go-live-on-google-shopping.md'}")
    for account, found in problems.items():
        print(f"{account}: {'reached, no account-level issues' if not found else '; '.join(found)}")


def _print_appeal(found: dict[str, Any]) -> None:
    stopped = found["frozen"]
    told = "not frozen" if stopped is None else f"frozen since {stopped['since']}: {stopped['reason']}"
    print(f"{found['account']}  {found['site']}  {told}")
    for one in found["issues_now"] or found["issues_then"]:
        print(f"issue     {one['severity']}: {one['title']} ({one['issue_id']})")
        for line in filter(None, (one["detail"], one["documentation"], ", ".join(one["where"]))):
            print(f"          {line}")
    for feed in found["feeds"]:
        print(f"feed      {feed['feed']}: {feed['held']:,} held; {sum(feed['refused'].values()):,} refused")
        for group in feed["issues"]:
            print(f"          {group['listings']:,} {group['severity']} {group['code']}: {group['detail']}")
    for one in found["not_in_order"]:
        print(f"mend      {one['name']}: {one['message']}\n          next: {one['next_step']}")
    print(f"in order  {', '.join(found['in_order']) or 'nothing'}")
    for one in found["history"]:
        print(f"history   {one['at']}  {one['what']} by {one['by']}")
    print("Do not open another account instead: Google suspends that too.")
