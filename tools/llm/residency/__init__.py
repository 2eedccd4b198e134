"""Personal data stays in Russia (152-FZ): what leaves for a provider abroad has placeholders instead."""

from .detector import Detector
from .errors import Refused
from .finding import Finding, Kind
from .masked import Masked
from .masking import mask
from .vault import Vault

__all__ = ["Detector", "Finding", "Kind", "Masked", "Refused", "Vault", "mask"]
