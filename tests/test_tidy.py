"""The house stays tidy: sizes, money without floats, SQL that names only its own tables, no leftovers."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "tradewind"
FILE_LINES, TEST_LINES, FUNCTION_LINES, NESTING, BLOB_BYTES = 400, 600, 60, 3, 250_000
# Rooms whose amounts must never touch a float. Binary floats appear elsewhere only for timings and sizes.
MONEY_ROOMS = (
    "kit",
    "markets",
    "pricing",
    "allocation",
    "assortment",
    "offers",
    "listings",
    "network",
    "catalog",
    "stock",
    "payments",
    "checkout",
    "orders",
    "fulfillment",
    "promotions",
    "books",
)
TABLE_OWNERS = {
    "db": ("db_", "procrastinate_"),
    "stock": ("stock_",),
    "payments": ("payments_",),
    "promotions": ("promotions_",),
    "offers": ("offers_",),
    "pipeline": ("pipeline_",),
    "pricing": ("pricing_",),
    "checkout": ("checkout_",),
    "orders": ("orders_",),
    "fulfillment": ("fulfillment_",),
    "books": ("books_",),
}
_TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE(?: IF (?:NOT )?EXISTS)?)\s+([a-z]+_[a-z_]+)", re.IGNORECASE)


def tracked() -> list[Path]:
    """The files git knows or would add; what is ignored does not count."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def python_files() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py"]


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def depth(node: ast.AST, level: int = 0) -> int:
    deepest = level
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        inside = level + isinstance(child, ast.If | ast.For | ast.While | ast.Try | ast.AsyncFor)
        if isinstance(node, ast.If) and isinstance(child, ast.If) and child in node.orelse and len(node.orelse) == 1:
            inside = level  # elif is not deeper than its if
        deepest = max(deepest, depth(child, inside))
    return deepest


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_files_stay_short() -> None:
    limit = {True: TEST_LINES, False: FILE_LINES}
    long = {
        name(path): lines
        for path in python_files()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > limit["tests" in path.parts]
    }
    assert not long


def test_functions_stay_short() -> None:
    written = ((path, node) for path, node in functions() if "versions" not in path.parts)  # a migration is a list of statements
    long = {f"{name(path)}:{node.name}" for path, node in written if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES}
    assert not long


def test_functions_stay_flat() -> None:
    deep = {f"{name(path)}:{node.name}" for path, node in functions() if SOURCE in path.parents and depth(node) > NESTING}
    assert not deep


def test_money_rooms_hold_no_floats() -> None:
    found = set()
    for path in (path for room in MONEY_ROOMS for path in (SOURCE / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            constant = isinstance(node, ast.Constant) and isinstance(node.value, float)
            call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
            if constant or call:
                found.add(f"{name(path)}:{node.lineno}")
    assert not found


def test_money_statements_hold_no_floats() -> None:
    statements = [path for room in MONEY_ROOMS for path in (SOURCE / room).rglob("*.sql")]
    spoken = {path: re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8")) for path in statements}
    assert not {name(path) for path, text in spoken.items() if re.search(r"\b(DOUBLE|FLOAT|REAL)\b", text, re.IGNORECASE)}


def test_a_room_names_only_its_own_tables() -> None:
    prefixes = {prefix: room for room, owned in TABLE_OWNERS.items() for prefix in owned}
    foreign = set()
    for path in SOURCE.rglob("*.py"):
        room = path.relative_to(SOURCE).parts[0]
        if room == "db":  # migrations create every room's tables
            continue
        for table in _TABLE.findall(path.read_text(encoding="utf-8")):
            owner = next((owner for prefix, owner in prefixes.items() if table.startswith(prefix)), room)
            if owner != room:
                foreign.add(f"{name(path)}: {table}")
    assert not foreign


def test_every_room_says_what_it_is_for_and_what_others_may_import() -> None:
    silent = set()
    for room in (path for path in SOURCE.iterdir() if path.is_dir() and (path / "__init__.py").exists()):
        module = ast.parse((room / "__init__.py").read_text(encoding="utf-8"))
        if not ast.get_docstring(module):
            silent.add(f"{room.name}: no docstring")
    assert not silent


def test_no_unfinished_marks() -> None:
    words = ["TO" + "DO", "FIX" + "ME", "X" * 3, "NotImplemented" + "Error"]
    marks = re.compile(r"\b(" + "|".join(words) + r")\b")
    found = {
        name(path)
        for path in tracked()
        if path.suffix in {".py", ".sql", ".toml", ".md", ".html", ".css"} and marks.search(path.read_text(encoding="utf-8"))
    }
    assert not found


def test_no_large_files_are_committed() -> None:
    large = {name(path): path.stat().st_size for path in tracked() if path.stat().st_size > BLOB_BYTES and path.suffix != ".lock"}
    assert not large


def test_no_file_names_a_package_index_or_a_machine_path() -> None:
    words = ["pypi" + ".org", "pythonhosted" + ".org", "registry" + ".npmjs", "/wo" + "rk/", "/ro" + "ot/"]
    texts = [
        path
        for path in tracked()
        if path.suffix in {".py", ".sql", ".toml", ".md", ".html", ".css", ".lock", ".cfg", ""} and path.stat().st_size < 2_000_000
    ]
    found = {f"{name(path)}: {word}" for path in texts for word in words if word in path.read_text(encoding="utf-8", errors="ignore")}
    assert not found


def test_the_lock_files_agree() -> None:
    pins = {
        lock: dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))
        for lock in ("requirements.lock", "requirements-dev.lock")
    }
    runtime, checking = pins["requirements.lock"], pins["requirements-dev.lock"]
    assert {package: version for package, version in runtime.items() if checking.get(package) != version} == {}


@pytest.mark.parametrize("suffix", [".sql", ".toml"])
def test_every_data_file_is_used(suffix: str) -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    data = [path for path in SOURCE.rglob(f"*{suffix}") if "data" not in path.parent.name]
    unused = {name(path) for path in data if path.name not in code and path.stem not in code}
    assert not unused
