"""Every figure, each with its limit or peer from the same run: `python -m bench [--size N] [--only run,import,start]`."""

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

from bench.figures import FIGURES, Bench

OUT = Path(__file__).parent / "out"


def main() -> None:
    """Runs the chosen figures and prints one line each, then the same as JSON into bench/out/."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--size", type=int, default=100_000, help="products in the generated catalog (the full size is 1000000)")
    parser.add_argument("--markets", default="us,de,th", help="markets of the run")
    parser.add_argument("--only", default="", help=f"some of: {', '.join(FIGURES)}")
    parser.add_argument("--keep", action="store_true", help="keep the workspace in bench/out/ for a look")
    arguments = parser.parse_args()
    chosen = [name for name in arguments.only.split(",") if name] or list(FIGURES)
    unknown = [name for name in chosen if name not in FIGURES]
    if unknown:
        parser.error(f"no figure is called {', '.join(unknown)}; there are {', '.join(FIGURES)}")
    work = OUT / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    bench = Bench(work, arguments.size, tuple(arguments.markets.split(",")))
    for name in chosen:
        started = time.perf_counter()
        print(f"== {name}", flush=True)
        for line in FIGURES[name](bench):
            print(f"   {line}", flush=True)
        print(f"   ({time.perf_counter() - started:.0f} s)", file=sys.stderr, flush=True)
    (OUT / "figures.json").write_text(json.dumps(bench.figures, indent=1) + "\n", encoding="utf-8")
    if not arguments.keep:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
