"""Generating a payload again elsewhere, and comparing it with the one that is persisted."""

from persistable._reproduce._reproduce import reproduce
from persistable._reproduce._reproduction import Difference, Reproduction

__all__ = ["Difference", "Reproduction", "reproduce"]
