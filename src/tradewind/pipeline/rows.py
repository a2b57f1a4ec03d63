"""The rows of a market in a run: whole files, which may be an earlier run's, and beside them a small patch of what changed since."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tradewind.db import duck

PATCH: Final = "patch"
"""The folder beside a market's whole files that holds its patch: the same file names, and REPLACED."""
REPLACED: Final = "replaced.csv"
"""The offer ids whose rows in the whole files no longer stand, one a line, sorted."""


@dataclass(frozen=True, slots=True)
class Rows:
    """One table of a market: its whole files, the ids in `replaced` that do not count there, and the files of the rows that came instead."""

    whole: tuple[Path, ...]
    replaced: tuple[Path, ...] = ()
    patches: tuple[Path, ...] = ()

    @classmethod
    def of(cls, folders: Iterable[Path], name: str) -> "Rows":
        """The table `name` of one market's shard folders, in their order; those that lack it are left out."""
        held = [folder for folder in folders if (folder / name).is_file()]
        patched = [folder / PATCH for folder in held if (folder / PATCH).is_dir()]
        return cls(
            tuple(folder / name for folder in held), tuple(patch / REPLACED for patch in patched), tuple(patch / name for patch in patched)
        )

    def __bool__(self) -> bool:
        return bool(self.whole)

    def __len__(self) -> int:
        """The number of shards."""
        return len(self.whole)

    @property
    def sql(self) -> str:
        """The rows that stand, for the place after FROM; filters reach the files."""
        whole = duck.parquet(self.whole)
        if not self.patches:
            return whole
        return (
            f"(SELECT * FROM {whole} ANTI JOIN {ids(self.replaced)} USING (offer_id) UNION ALL SELECT * FROM {duck.parquet(self.patches)})"
        )

    def may_differ(self, other: "Rows") -> str:
        """A condition on offer_id that holds for every row that differs between both; empty when nothing is known.

        Whole files that both have in common differ only in what their patches name.
        """
        if {path.stat().st_ino for path in self.whole} != {path.stat().st_ino for path in other.whole}:
            return ""
        named = [
            f"SELECT offer_id FROM {source}"
            for rows in (self, other)
            if rows.patches
            for source in (ids(rows.replaced), duck.parquet(rows.patches))
        ]
        return f" WHERE offer_id IN ({' UNION ALL '.join(named)})" if named else " WHERE false"

    def by_shard(self) -> Iterator["Rows"]:
        """The same rows, shard by shard."""
        for path in self.whole:
            yield Rows.of([path.parent], path.name)


def ids(paths: Iterable[Path]) -> str:
    """The table function that reads files of ids: one column, offer_id."""
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    return f"read_csv([{listed}], header = true, auto_detect = false, delim = ',', quote = '', columns = {{'offer_id': 'VARCHAR'}})"


def replaced_ids(patch: Path) -> list[str]:
    """The offer ids whose rows in the whole files beside the patch no longer stand."""
    return (patch / REPLACED).read_text("ascii").split()[1:]
