"""`tradewind serve`: the store window and the desk."""

from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on (TRADEWIND_HOST).")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port; 0 takes a free one (TRADEWIND_PORT).")] = None,
    with_worker: Annotated[bool, typer.Option("--with-worker", help="Run a worker beside it, for a shop on one machine.")] = False,
    desk_key: Annotated[str | None, typer.Option(metavar="ROLE", help="Only print a new desk link: viewer or operator.")] = None,
) -> None:
    """Start the store window. Ctrl-C or SIGTERM finishes open requests first.

    Example: tradewind serve --port 8080
    """
    from contextlib import nullcontext

    from tradewind.bootstrap.window import window_parts
    from tradewind.cli.beside import worker_beside
    from tradewind.logs import configure_logs
    from tradewind.settings import load_settings
    from tradewind.web import serving

    settings = load_settings()
    if desk_key is not None:
        print(serving.desk_link(settings, desk_key))
        return
    configure_logs(settings)
    with worker_beside(settings) if with_worker else nullcontext():
        serving.serve(
            settings,
            host if host is not None else settings.host,
            port if port is not None else settings.port,
            _announce,
            **window_parts(settings),
        )


def _announce(line: str) -> None:
    print(line, flush=True)
