"""Where LangGraph keeps the state of threads: the same database as everything else."""

from .opening import open_saver
from .saver import LeaseLost, Saver
from .tables import setup
from .threads import Checkpoints

__all__ = ["Checkpoints", "LeaseLost", "Saver", "open_saver", "setup"]
