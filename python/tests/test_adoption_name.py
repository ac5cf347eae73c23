"""The quick way to the name under which persistable 1.x persisted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from persistable import Persistable, PersistableParams
from persistable._adoption_name import name_of, plain_stem_of


def test_the_quick_way_to_the_old_name_gives_the_same_name(tmp_path: Path) -> None:
    @dataclass
    class Plain(PersistableParams):
        n: int
        x: float = 0.1
        is_on: bool = True
        nothing: None = None
        late: int = field(default_factory=lambda: 3, init=False)

    class Excluding(Plain):
        @property
        def _excluded_attributes(self) -> set[str]:
            return {"x"}

    class Own(Plain):
        def to_dict(self) -> dict[str, Any]:
            return {"n": self.n}

    class AnyP(Persistable[int, Any]):
        pass

    quick = 0
    extended = Plain(1)
    extended.more = 5  # type: ignore[attr-defined]
    for params in (None, Plain(1), Plain(-1, 1e300), Plain(1, float("nan")), Excluding(1), Own(1), extended):
        for name in ("any_p", "with'quote"):
            step = AnyP(tmp_path, params, None, payload_name=name)
            stem, full = plain_stem_of(step), name_of(step)
            assert full is not None
            quick += stem is not None
            assert stem in (None, full.stem)
    assert quick == 8
    assert plain_stem_of(AnyP(tmp_path, None, [AnyP(tmp_path, None, None)])) is None
    assert plain_stem_of(AnyP(tmp_path, None, None, payload_name="with.dot")) is None
