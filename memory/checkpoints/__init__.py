"""Where LangGraph keeps the state of threads: the same database as everything else."""

from ..db import LeaseLost
from .opening import open_saver
from .saver import Saver
from .tables import setup
from .threads import Checkpoints

__all__ = ["Checkpoints", "LeaseLost", "Saver", "open_saver", "setup"]
