"""Tags, pins and notes: what people say of artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from persistable._catalogue._asking import Asking

__all__ = ["LabelChange", "Labelled"]


class LabelChange(NamedTuple):
    """What changes in the labels of artifacts. A pin or a note is left as it is, or is set to a text, or to none."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    pin: tuple[str | None] | None = None
    note: tuple[str | None] | None = None

    def apply(self, asking: Asking, stems: list[str]) -> list[dict[str, Any]]:
        """Changes the labels of artifacts, and looks at the store once afterwards. Returns what they are now."""
        change = (list(self.added), list(self.removed), self.pin, self.note)
        try:
            return [asking.answer("label", stem, *change) for stem in stems]
        finally:
            # In a bucket, this lists all of it.
            asking.core.refresh()


class Labelled:
    """What can be labelled: an artifact, or a catalogue with all its artifacts."""

    def tag(self, *tags: str) -> None:
        """Adds tags to the artifact, or to all artifacts of this catalogue. Filters know them as `.tag`."""
        self._label(LabelChange(added=tags))

    def untag(self, *tags: str) -> None:
        """Removes tags from the artifact, or from all artifacts of this catalogue."""
        self._label(LabelChange(removed=tags))

    def pin(self, because: str = "") -> None:
        """Pins the artifact, or all artifacts of this catalogue: nothing removes them until they are unpinned."""
        self._label(LabelChange(pin=(because,)))

    def unpin(self) -> None:
        """Takes the pin off the artifact, or the pins off all artifacts of this catalogue."""
        self._label(LabelChange(pin=(None,)))

    def note(self, text: str | None) -> None:
        """Writes a note about the artifact, or about all artifacts of this catalogue.

        It replaces an earlier one. `None` removes the note.
        """
        self._label(LabelChange(note=(text,)))

    def _label(self, change: LabelChange) -> None:
        raise NotImplementedError
