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

    def beside(self, other: "Rows") -> str:
        """The rows that may differ from those of another run, for the place after FROM.

        Rows of whole files that both have in common are left out, except those that one of the patches beside them names.
        """
        theirs, mine = ({_identity(path) for path in rows.whole} for rows in (other, self))
        own = Rows.of([path.parent for path in self.whole if _identity(path) not in theirs], self._name)
        both = [Rows.of([path.parent for path in rows.whole if _identity(path) in theirs & mine], self._name) for rows in (self, other)]
        parts = [f"SELECT * FROM {own.sql}"] if own else []
        if both[0]:
            named = [
                f"FROM {ids(rows.replaced)} UNION ALL SELECT offer_id FROM {duck.parquet(rows.patches)}" for rows in both if rows.patches
            ]
            asked = f"offer_id IN ({' UNION ALL '.join(named)})" if named else "false"
            parts.append(f"SELECT * FROM {both[0].sql} WHERE {asked}")
        return f"({' UNION ALL '.join(parts)})"

    @property
    def _name(self) -> str:
        return self.whole[0].name if self.whole else ""

    def by_shard(self) -> Iterator["Rows"]:
        """The same rows, shard by shard."""
        for path in self.whole:
            yield Rows.of([path.parent], path.name)


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def ids(paths: Iterable[Path]) -> str:
    """The table function that reads files of ids: one column, offer_id."""
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    return f"read_csv([{listed}], header = true, auto_detect = false, delim = ',', quote = '', columns = {{'offer_id': 'VARCHAR'}})"


def replaced_ids(patch: Path) -> list[str]:
    """The offer ids whose rows in the whole files beside the patch no longer stand."""
    return (patch / REPLACED).read_text("ascii").split()[1:]
