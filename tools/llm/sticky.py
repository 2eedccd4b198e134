"""A choice by weights that stays the same for whoever it was made for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def chosen(weights: Mapping[str, float], *asker: str) -> str:
    """One of the names, each as often as its weight says; the same asker always gets the same one.

    Weighted rendezvous hashing (Thaler and Ravishankar, 1998): when a name is added or its weight grows,
    only those change who go to it. Weights are 0 or more, and one at least is more.
    """
    return max(
        (name for name in weights if weights[name] > 0), key=lambda name: _rank(name, weights[name], asker)
    )


def _rank(name: str, weight: float, asker: tuple[str, ...]) -> tuple[float, str]:
    digest = hashlib.sha256("\0".join((*asker, name)).encode()).digest()
    share = (int.from_bytes(digest[:8]) + 1) / (2**64 + 1)
    return share ** (1 / weight), name
