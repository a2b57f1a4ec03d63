"""`tradewind doctor`: checks this installation and says what to do."""

import json
from dataclasses import asdict

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)
FOUND_PROBLEMS = 3


@app.callback(invoke_without_command=True)
def doctor(as_json: bool = typer.Option(False, "--json", help="Print JSON.")) -> None:
    """Check database, disk, fonts, rules, clock and versions; exit 3 on problems.

    Example: tradewind doctor
    """
    from tradewind.checks.doctor import Status, examine
    from tradewind.settings import load_settings

    findings = examine(load_settings())
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            typer.echo(f"{finding.status:<8} {finding.subject:<12} {finding.message}")
            if finding.next_step:
                typer.echo(f"{'':<21} next: {finding.next_step}")
    problems = sum(finding.status is Status.PROBLEM for finding in findings)
    if problems:
        typer.echo(f"{problems} problem{'' if problems == 1 else 's'}", err=True)
        raise typer.Exit(FOUND_PROBLEMS)
