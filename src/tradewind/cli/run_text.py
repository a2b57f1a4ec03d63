"""How a run reads in a terminal: one block for each market, the reasons in words, and what to do next."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tradewind.pipeline.reading import MarketSummary, RunSummary
    from tradewind.pipeline.rules import Finding

REASONS_SHOWN = 8
FINDINGS_SHOWN = 5
TEXT_WIDTH = 62


def overall_state(run: "RunSummary") -> str:
    """One word for a run: while it is computed, what its markets agree on."""
    states = {market.state for market in run.markets}
    if run.state != "computed" or not states:
        return run.state
    if "waiting" in states:
        return "waiting"
    return states.pop().replace("_", " ") if len(states) == 1 else "partly published" if "published" in states else run.state


def summary_lines(run: "RunSummary") -> Iterator[str]:
    """The whole summary."""
    shards = f"{run.shard_count} shard{'s' if run.shard_count != 1 else ''}"
    yield f"{run.run_id}  {overall_state(run)}  snapshot {run.snapshot_id}"
    yield f"as of {run.as_of}, by {run.created_by}, {shards} in {run.seconds:,.1f} s on {run.placement}"
    for market in run.markets:
        yield ""
        yield from market_lines(run.run_id, market)


def market_lines(run_id: str, market: "MarketSummary") -> Iterator[str]:
    """One market's block."""
    by = f" by {market.decided_by}" if market.decided_by else ""
    yield f"{market.market}  {market.state}{by}"
    share = f"  ({market.chosen * 1000 // market.considered / 10:.1f} %)" if market.considered else ""
    yield f"  considered {market.considered:>10,}"
    yield f"  chosen     {market.chosen:>10,}{share}"
    yield f"  left out   {market.considered - market.chosen:>10,}"
    for reason in market.left_out[:REASONS_SHOWN]:
        yield f"    {reason.count:>9,}  {shortened(reason.text)}"
    if len(market.left_out) > REASONS_SHOWN:
        rest = market.left_out[REASONS_SHOWN:]
        yield f"    {sum(reason.count for reason in rest):>9,}  for {len(rest)} other reasons (--json has all)"
    yield f"  offers     {market.offers:>10,}  with warnings {market.warnings:,}, with errors {market.errors:,}"
    yield f"  changes    {_changes(market)}"
    for note in market.notes:
        yield f"  note       {note}"
    if market.findings:
        yield from _waiting(run_id, market)


def shortened(text: str) -> str:
    """The first sentence, cut to the width of a line."""
    first = text.split(". ", maxsplit=1)[0].rstrip(".")
    return first if len(first) <= TEXT_WIDTH else first[: TEXT_WIDTH - 1].rsplit(" ", 1)[0] + " …"


def _changes(market: "MarketSummary") -> str:
    since = f"since {market.compared_with}" if market.compared_with else "first run, nothing to compare with"
    counts = f"{market.new:,} new, {market.changed:,} changed, {market.gone:,} gone, {market.unchanged:,} unchanged"
    return f"{counts} ({since}; {market.computed:,} variants judged anew)"


def _waiting(run_id: str, market: "MarketSummary") -> Iterator[str]:
    yield "  the gate says:"
    for finding in market.findings[:FINDINGS_SHOWN]:
        yield from finding_lines(finding)
    if len(market.findings) > FINDINGS_SHOWN:
        yield f"    and {len(market.findings) - FINDINGS_SHOWN} more (--json has all)"
    if market.state == "waiting":
        yield f"  next: tradewind run approve {run_id} --market {market.market} --by NAME"
        yield f"    or: tradewind run reject {run_id} --market {market.market} --by NAME"


def sample_text(after: str) -> str:
    """What comes, in words where it is a reason to stay at home."""
    from tradewind.pipeline import reading

    return shortened(reading.words(after).text) if re.fullmatch(r"[a-z]+(_[a-z]+)+", after) else after


def finding_lines(finding: "Finding", samples: int = 3) -> Iterator[str]:
    """What the gate found, with samples."""
    yield f"    {finding.rule}: {finding.message}"
    for sample in finding.samples[:samples]:
        yield f"      {sample.sku}: {sample.before} -> {sample_text(sample.after)}"
