"""`audit()` generates a sample of steps again, and compares the dependencies of all steps."""

from __future__ import annotations

import math
import os
import random
import re
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, Union

from persistable import _core
from persistable._audit._lineage import Artifact, artifacts_in, artifacts_of, lineage, with_all_below
from persistable._audit._report import FAILED, SKIPPED, Audit, AuditedStep
from persistable._persistable import Persistable
from persistable._steps import refuse_all_but_steps

__all__ = ["audit"]

_UNIT_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0}

Audited = Union["Persistable[Any, Any]", Iterable["Persistable[Any, Any]"], str, "os.PathLike[str]"]


def audit(
    steps: Audited,
    /,
    *,
    sample: float = 0.05,
    budget: str | float | timedelta | None = "10m",
    seed: int | None = None,
    accept: bool = True,
    keep: Iterable[str] = (),
    timeout_seconds: float | None = None,
) -> Audit:
    """Generates a sample of steps again, as `reproduce()` does, and checks the dependencies of all steps.

    ```python
    report = persistable.audit([report_p, model_p], sample=0.1, budget="30m")
    print(report)
    assert report.is_clean
    ```

    `steps` are steps, or the path of a data folder. All dependencies of the steps are audited too. A data folder has no
    code. So if you give one, `audit` checks all artifacts in it, and generates nothing.

    Two things are checked:

    - For each artifact: was it made from the present payloads of its dependencies? Their dependencies are checked too.
      This reads only manifests.
    - For a sample of the steps: does the present code give the same payload again in a new process?

    What the sample is:

    - `sample`: the part of the persisted steps that is generated again. At least one step is.
    - `budget`: how long this may take, as a text such as `"1h30m"` or as seconds. `None`: without a limit. If the
      generation of a step took longer than the time that is left, the step is left out. The first step is never left
      out.
    - `seed`: without a seed, the fastest steps are chosen. With a seed, the steps are chosen at random. The same seed
      chooses the same steps.
    - `accept`, `keep` and `timeout_seconds` (for each step) are those of `reproduce()`.

    If a step can't be generated again, the report has a line about it. This raises no exception. Raises
    `FileNotFoundError` where there is no such data folder.
    """
    if not 0 < sample <= 1:
        raise ValueError(f"sample must be above 0 and at most 1 (a part of the steps), not {sample!r}")
    budget_seconds = _seconds_of(budget)
    if isinstance(steps, (str, os.PathLike)):
        artifacts = artifacts_in(_folder(Path(steps)))
        why = "a data folder has no code"
        found = [AuditedStep(str(each), SKIPPED, why, each.generation_seconds) for each in artifacts.values()]
        return Audit(tuple(found), tuple(lineage(artifacts)))
    every = list(with_all_below(_checked(steps)))
    artifacts = artifacts_of(every)
    chosen, skipped = _choose(every, artifacts, sample, seed)
    audited: list[AuditedStep] = []
    deadline = time.monotonic() + budget_seconds
    for step, artifact in chosen:
        left = deadline - time.monotonic()
        if audited and (artifact.generation_seconds or 0.0) > left:
            skipped.append(AuditedStep(str(artifact), SKIPPED, "over the budget", artifact.generation_seconds))
        else:
            audited.append(_audited(step, artifact, accept, keep, timeout_seconds))
    return Audit((*audited, *skipped), tuple(lineage(artifacts)))


def _folder(folder: Path) -> Path:
    if folder.is_dir():
        return folder
    if folder.exists():
        raise NotADirectoryError(f"{folder.absolute()} is not a folder: pass a data folder, or steps")
    raise FileNotFoundError(f"there is no data folder {folder.absolute()}: correct the path")


def _checked(steps: Any) -> list[Any]:
    alone = isinstance(steps, (Persistable, type)) or not isinstance(steps, Iterable)
    every = [steps] if alone else list(steps)
    for step in every:
        refuse_all_but_steps(step, "audit")
    return every


def _choose(
    steps: list[Any], artifacts: dict[str, Artifact], sample: float, seed: int | None
) -> tuple[list[tuple[Any, Artifact]], list[AuditedStep]]:
    """Returns the steps to generate again, in order, and those that are left out."""
    candidates: list[tuple[Any, Artifact]] = []
    skipped = []
    for step in steps:
        artifact = artifacts.get(_core.full_key(step))
        if artifact is None:
            shown = f"{step.payload_name}({step.persist_hash})"
            skipped.append(AuditedStep(shown, SKIPPED, "not persisted", None))
        else:
            candidates.append((step, artifact))
    # What was adopted or set by hand has no record of how long it took: it comes last.
    candidates.sort(key=lambda each: math.inf if each[1].generation_seconds is None else each[1].generation_seconds)
    count = max(1, math.ceil(sample * len(candidates))) if candidates else 0
    places = range(count) if seed is None else sorted(random.Random(seed).sample(range(len(candidates)), count))
    chosen = [candidates[place] for place in places]
    rest = [artifact for place, (_, artifact) in enumerate(candidates) if place not in set(places)]
    skipped.extend(AuditedStep(str(each), SKIPPED, "not in the sample", each.generation_seconds) for each in rest)
    return chosen, skipped


def _audited(
    step: Any, artifact: Artifact, accept: bool, keep: Iterable[str], timeout_seconds: float | None
) -> AuditedStep:
    from persistable._reproduce import reproduce

    try:
        reproduction = reproduce(step, accept=accept, keep=keep, timeout_seconds=timeout_seconds)
    except Exception as error:
        why = str(error).partition("\n")[0]
        return AuditedStep(str(artifact), FAILED, why, artifact.generation_seconds)
    first = [*map(str, reproduction.differences), *reproduction.not_comparable][:1]
    why = first[0] if first else ""
    return AuditedStep(str(artifact), reproduction.verdict, why, artifact.generation_seconds, reproduction)


def _seconds_of(budget: str | float | timedelta | None) -> float:
    if budget is None:
        return math.inf
    if isinstance(budget, timedelta):
        return budget.total_seconds()
    if isinstance(budget, str):
        text = budget.replace(" ", "")
        parts = re.findall(r"(\d+(?:\.\d+)?)([hms])", text)
        if parts and "".join(map("".join, parts)) == text:
            return sum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts)
        raise ValueError(f'a budget must be a text such as "1h30m" or a number of seconds, not {budget!r}')
    return float(budget)
