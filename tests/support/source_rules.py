"""What the layout promises and import-linter cannot see: each rule takes one source file and returns what breaks it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

SRC = Path(__file__).resolve().parents[2] / "src" / "tongdian"

MATTERS = {
    "oversight", "disclosure", "connection", "reliability", "permit", "outage", "grid", "case", "people",
}  # fmt: skip
MENU = {
    "__init__.py", "apps.py", "rules", "models", "queries", "operations", "forms", "portal", "workbench", "api",
    "tasks", "templates", "templatetags", "locale", "migrations",
}  # fmt: skip
# The few modules of a matter beside the menu; each is one idea the menu has no word for.
BESIDE_THE_MENU = {
    "case": {"content", "kinds", "panels", "terms", "timeline"},
    "connection": {"acts", "guidance", "pages", "papers", "wizard"},
    "people": {"access", "adapters", "permissions", "preferences", "second_factor"},
}
VAGUE_NAMES = {"utils", "helpers", "services", "signals", "managers", "admin", "common", "misc"}
FACES = {"portal", "workbench", "api", "tasks"}
ROWLESS = FACES | {"forms", "rules"}
MOST_LINES, MOST_FUNCTION_LINES = 400, 40
ROW_ATTRIBUTES = {"objects", "_default_manager", "_base_manager"}
ROW_CALLS = {
    "save", "create", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "refresh_from_db",
}  # fmt: skip
CLOCKS = {
    ("timezone", "now"), ("timezone", "localdate"), ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"),
    ("date", "today"), ("time", "time"), ("time", "time_ns"),
}  # fmt: skip
FILE_CALLS = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "glob", "rglob"}
FILE_MODULES = ("engine/formats", "engine/network/snapshot")
WORDS_NOT_TO_SHIP = ("TODO", "FIXME", "XXX", "/work/", "shared/", "pypi.org", "npmjs.", "helper", "integrator")
INLINE = ("style=", "<style", "<script>", "onclick=", "onchange=", "onsubmit=", "javascript:")


@dataclass(frozen=True)
class Source:
    """One file: its path inside the package and its text."""

    path: PurePosixPath
    text: str

    @property
    def package(self) -> str:
        return self.path.parts[0]

    @property
    def topic(self) -> str:
        """The menu word the file belongs to: `forms` of connection/forms.py and of connection/forms/draft.py."""
        return self.path.parts[1].removesuffix(".py") if len(self.path.parts) > 1 else self.path.stem

    def nodes(self) -> Iterator[ast.AST]:
        return ast.walk(ast.parse(self.text))

    def at(self, node: ast.AST, what: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 0)}: {what}"


def sources(pattern: str = "*.py", root: Path = SRC) -> list[Source]:
    """Read every file of the package that matches, in a fixed order."""
    return [
        Source(PurePosixPath(path.relative_to(root)), path.read_text())
        for path in sorted(root.rglob(pattern))
        if not {"__pycache__", "node_modules", "vendor"} & set(path.parts)
    ]


def off_the_menu(source: Source) -> list[str]:
    if source.package not in MATTERS or len(source.path.parts) == 1:
        return []
    name = source.path.parts[1]
    allowed = MENU | BESIDE_THE_MENU.get(source.package, set())
    if name in allowed or name.removesuffix(".py") in allowed:
        return []
    return [f"{source.path}: not on a matter's menu; which of {', '.join(sorted(MENU))} is it?"]


def vaguely_named(source: Source) -> list[str]:
    parts = {part.removesuffix(".py") for part in source.path.parts}
    return [f"{source.path}: {name!r} says nothing about the matter" for name in sorted(parts & VAGUE_NAMES)]


def too_long(source: Source) -> list[str]:
    lines = source.text.count("\n")
    if "migrations" in source.path.parts or lines <= MOST_LINES:
        return []
    return [f"{source.path}: {lines} lines; over {MOST_LINES} a module becomes a package of topics"]


def long_functions(source: Source) -> list[str]:
    return [
        source.at(node, f"{node.name} has {length} lines beside its docstring, at most {MOST_FUNCTION_LINES}")
        for node in source.nodes()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := _code_lines(node)) > MOST_FUNCTION_LINES
    ]


def _code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    length = (node.end_lineno or node.lineno) - node.lineno + 1
    if ast.get_docstring(node) is None:
        return length
    docstring = node.body[0]
    return length - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def rows_touched(source: Source) -> list[str]:
    if not _is_rowless(source):
        return []
    return [
        source.at(node, f".{node.attr}: rows are touched only by operations, queries and migrations")
        for node in source.nodes()
        if isinstance(node, ast.Attribute) and (node.attr in ROW_ATTRIBUTES or node.attr in ROW_CALLS)
    ]


def _is_rowless(source: Source) -> bool:
    in_a_matter = source.package in MATTERS | {"gateway"} and source.topic in ROWLESS
    return in_a_matter or (source.package == "web" and source.topic != "commands")


def clock_read(source: Source) -> list[str]:
    # A gateway's adapters sign and stamp what leaves the house: they are faces turned outward.
    is_adapter = source.package == "gateway" and source.topic not in MENU
    if source.package == "web" or source.topic in FACES or is_adapter:
        return []
    return [
        source.at(node, f"{node.value.id}.{node.attr}: the clock is read only in faces, commands and tasks")
        for node in source.nodes()
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in CLOCKS
    ]


def files_opened(source: Source) -> list[str]:
    if source.package != "engine" or str(source.path).startswith(FILE_MODULES):
        return []
    return [
        source.at(node, "the engine opens files only in formats and in network/snapshot")
        for node in source.nodes()
        if isinstance(node, ast.Call) and _called_name(node) in FILE_CALLS
    ]


def _called_name(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def words_not_to_ship(source: Source) -> list[str]:
    return [
        f"{source.path}:{number}: {word!r} does not belong in what ships"
        for number, line in enumerate(source.text.splitlines(), start=1)
        for word in WORDS_NOT_TO_SHIP
        if word in line
    ]


def inline_style_or_script(source: Source) -> list[str]:
    return [
        f"{source.path}:{number}: {mark!r}: the content security policy allows no inline style or script"
        for number, line in enumerate(source.text.splitlines(), start=1)
        for mark in INLINE
        if mark in line
    ]


def jobs_enqueued(source: Source) -> list[str]:
    """Return the names a file passes to `enqueue` as a literal."""
    return [
        node.args[0].value
        for node in source.nodes()
        if isinstance(node, ast.Call)
        and _called_name(node) == "enqueue"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]
