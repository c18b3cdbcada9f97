"""Facts the kernel ships: read by `notices` and `divisions`."""

import csv
from importlib.resources import files
from typing import Any

import yaml


def read_yaml(name: str) -> Any:
    """Read one packaged YAML file."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    # The loader is one of PyYAML's two safe ones.
    return yaml.load(_text(name), Loader=loader)  # noqa: S506


def read_csv(name: str) -> list[dict[str, str]]:
    """Read one packaged CSV file with a header; lines that start with # are comments."""
    return list(csv.DictReader(line for line in _text(name).splitlines() if not line.startswith("#")))


def _text(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")
