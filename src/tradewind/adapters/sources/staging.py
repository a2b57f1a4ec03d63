"""The registry of formats, and the one way in."""

import re
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import duckdb

from tradewind.adapters.sources.detection import TABULAR, Detected, inspect
from tradewind.adapters.sources.errors import SourceIsUnusable
from tradewind.adapters.sources.writers import Reading, Staged, engine_says, publish
from tradewind.catalog.ports import Progress, ReadOptions, StagedTable, silent

_ENDINGS = re.compile(r"\.(gz|jsonl|ndjson|json|yaml|yml|csv|tsv|txt|tab|parquet|xlsx|xml|rss|atom)$", re.IGNORECASE)
_READERS = {
    "jsonl": ("jsonl", "stage_json_lines"),
    "json": ("json_tree", "stage_json"),
    "yaml": ("yaml_items", "stage_yaml"),
    "parquet": ("parquet", "stage_parquet"),
    "xlsx": ("workbook", "stage_workbook"),
}


def stage(path: Path, target_folder: Path, options: ReadOptions | None = None, progress: Progress = silent) -> StagedTable:
    """Reads the file into `<target_folder>/<table>.parquet`, with its rejects beside it; nothing is left behind on an error."""
    options = options or ReadOptions()
    found = inspect(path, options)
    target_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".staging-", dir=target_folder) as folder:
        reading = Reading(path, Path(folder), options, progress, found.format, found.encoding, found.delimiter)
        try:
            staged = _reader(found, options)(reading)
            return publish(reading, staged, options.table or table_name(path), target_folder)
        except duckdb.Error as error:
            raise SourceIsUnusable(
                f"{path} could not be staged: {engine_says(error)}", hint="check free disk space and TRADEWIND_MEMORY_LIMIT_MB"
            ) from error
        finally:
            reading.close()


def table_name(path: Path) -> str:
    """The file's name without its endings: `spring.jsonl.gz` is `spring`."""
    name = path.name
    while (shorter := _ENDINGS.sub("", name)) != name and shorter:
        name = shorter
    return name


def _reader(found: Detected, options: ReadOptions) -> Callable[[Reading], Staged]:
    """The registry. Each reader is imported when a file of its format comes: a command that reads none stays fast."""
    if found.format in TABULAR:
        from tradewind.adapters.sources.tabular import stage_tabular

        return lambda reading: stage_tabular(reading, found.sample)
    if found.format == "google_xml":
        return _xml_reader(options)
    module, function = _READERS[found.format]
    reader: Callable[[Reading], Staged] = getattr(import_module(f"tradewind.adapters.sources.{module}"), function)
    return reader


def _xml_reader(options: ReadOptions) -> Callable[[Reading], Staged]:
    from tradewind.adapters.sources.errors import BytesAreInvalid, XmlIsBroken
    from tradewind.adapters.sources.xml_items import stage_xml
    from tradewind.adapters.sources.xml_salvage import salvage_xml

    def read(reading: Reading) -> Staged:
        try:
            return stage_xml(reading)
        except (XmlIsBroken, BytesAreInvalid):
            if not options.salvage:
                raise
        reading.rejects.clear()
        return salvage_xml(reading)

    return read
