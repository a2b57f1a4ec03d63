"""tradewind google: what concerns Google's Merchant Center."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tradewind.emulators.merchant_center import Center

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Google's Merchant Center.")


@app.callback()
def google() -> None:
    """Google's Merchant Center."""


@app.command()
def emulator(  # noqa: PLR0917 - the options of the command
    grpc_port: Annotated[int, typer.Option(min=0, max=65535, help="The gRPC port; 0 takes a free one.")] = 0,
    rest_port: Annotated[int, typer.Option(min=0, max=65535, help="The REST port; 0 takes a free one.")] = 0,
    accounts: Annotated[str, typer.Option(metavar="N,N", help="Sub-accounts, by number.")] = "1001",
    processing_seconds: Annotated[float, typer.Option(min=0, help="From an input to its processed product.")] = 2.0,
    per_minute: Annotated[int | None, typer.Option(min=0, help="Quota of calls a minute.")] = None,
    per_day: Annotated[int | None, typer.Option(min=0, help="Quota of calls a day.")] = None,
    strict_updates: Annotated[bool, typer.Option(help="Refuse a product's third update in a day.")] = False,
) -> None:
    """Run a Merchant Center emulator on this machine until Ctrl-C.

    Example: tradewind google emulator --grpc-port 8701 --rest-port 8702
    """
    import asyncio

    from tradewind.emulators.merchant_center import Center, CenterConfig
    from tradewind.kit import system_clock

    config = CenterConfig(
        accounts=_numbers(accounts),
        processing_seconds=processing_seconds,
        quota_per_minute=per_minute,
        quota_per_day=per_day,
        strict_updates=strict_updates,
    )
    asyncio.run(_serve(Center(config, system_clock), grpc_port, rest_port))


def _numbers(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() for part in parts):
        raise typer.BadParameter(f'"{text}": account numbers joined by commas, such as 1001,1002', param_hint="--accounts")
    return tuple(int(part) for part in parts)


async def _serve(center: "Center", grpc_port: int, rest_port: int) -> None:
    import asyncio
    import signal

    from tradewind.emulators.merchant_center import run_center

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with run_center(center, grpc_port, rest_port) as running:
        print(f"grpc  {running.grpc_address}   (insecure channel, anonymous credentials)")
        print(f"rest  {running.rest_url}")
        print(f"state {running.rest_url}/emulator/report", flush=True)
        await stop.wait()
