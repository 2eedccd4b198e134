"""YAML as libyaml reads it: ten times as fast as the parser that is written in Python."""

from __future__ import annotations

from typing import Any

import yaml

# A PyYAML that was built without libyaml has but the slow one.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(text: str) -> Any:
    """Errors: yaml.YAMLError."""
    return yaml.load(text, _LOADER)  # noqa: S506 - both loaders are safe ones
