"""What is in a store: list, filter, compare, explain and remove artifacts."""

from persistable._catalogue._catalogue import Catalogue
from persistable._catalogue._entry import Entry

__all__ = ["Catalogue", "Entry"]
