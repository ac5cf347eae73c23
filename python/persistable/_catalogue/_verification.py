"""Whether artifacts are whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from persistable._catalogue._asking import Asking

__all__ = ["Verification", "verify"]

_MOST_NAMED = 10


@dataclass(frozen=True, repr=False)
class Verification:
    """What comparing artifacts with their digests found. Artifacts are named as their files are."""

    whole: tuple[str, ...] = ()
    """All their bytes are those that were committed."""
    damaged: dict[str, str] = field(default_factory=dict)
    """They are not, and what is wrong."""
    repaired: tuple[str, ...] = ()
    """Those of the damaged ones that are in quarantine now. They are generated again when they are needed."""
    unread: dict[str, str] = field(default_factory=dict)
    """They could not be read, and why. That says nothing about their bytes."""
    gone: tuple[str, ...] = ()
    """They are not there any more."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is damaged or unread."""
        return not self.damaged and not self.unread

    def __str__(self) -> str:
        """Describes it in some lines."""
        counts = [(len(self.whole), "whole"), (len(self.damaged), "damaged"), (len(self.unread), "not read")]
        counts += [(len(self.repaired), "put into quarantine"), (len(self.gone), "gone meanwhile")]
        told = [f"{count:,} {what}" for index, (count, what) in enumerate(counts) if count or index < 2]
        lines = [", ".join(told)]
        wrong = [*self.damaged.items(), *self.unread.items()]
        lines += [f"  {stem}: {problem}" for stem, problem in wrong[:_MOST_NAMED]]
        if len(wrong) > _MOST_NAMED:
            lines.append(f"  and {len(wrong) - _MOST_NAMED:,} more")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)


def verify(
    asking: Asking, stems: Iterable[str], repair: bool, progress: Callable[[int, int], object] | None
) -> Verification:
    """Reads artifacts in full, and compares them with their digests."""
    all_stems = list(stems)
    whole, damaged, repaired, unread, gone = [], {}, [], {}, []
    for number, stem in enumerate(all_stems, 1):
        found = asking.answer("verify", stem, repair)
        result = found["result"]
        if result == "whole":
            whole.append(stem)
        elif result == "damaged":
            damaged[stem] = found["problem"]
            if found["is_repaired"]:
                repaired.append(stem)
        elif result == "unread":
            unread[stem] = found["problem"]
        else:
            gone.append(stem)
        if progress is not None:
            progress(number, len(all_stems))
    return Verification(tuple(whole), damaged, tuple(repaired), unread, tuple(gone))
