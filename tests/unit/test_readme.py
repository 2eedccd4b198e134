"""The README's pictures are the graphs that run."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphs.registry import GRAPHS


@pytest.mark.parametrize("name", list(GRAPHS))
def test_the_picture_is_made_from_the_code(name: str) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    picture = GRAPHS[name]().compile().get_graph().draw_mermaid().strip()
    assert f"**{name}**\n\n```mermaid\n{picture}\n```" in readme
