"""What steps do about payloads that may be stale: set on a step or its class, for all steps, or by the environment."""

from __future__ import annotations

import os
from typing import Any

from persistable import _core

__all__ = ["check_setting", "configure", "setting_of"]

_CHOICES: dict[str, tuple[str, ...]] = {
    "code_change": ("warn", "refuse", "key", "ignore"),
    "input_change": ("warn", "refuse", "ignore"),
    "dependency_change": ("warn", "refuse", "ignore"),
    "undeclared": ("warn", "refuse", "ignore"),
    "unseeded": ("warn", "ignore"),
    "none_payload": ("warn", "ignore"),
    "changed_in_place": ("warn", "ignore"),
    "environment": ("record", "ignore"),
}
"""The settings with what each may be. The first is the default."""

_OF_CORE = ("code_change", "input_change", "dependency_change", "undeclared")
"""Those that the core acts on. It knows the default of each, so that no step has to ask for it here."""

_configured: dict[str, str] = {}


def configure(**settings: str | None) -> None:
    """Sets what all steps of this process do about payloads that may be stale.

    ```python
    persistable.configure(code_change="refuse", undeclared="refuse")
    ```

    | setting | values | about |
    | --- | --- | --- |
    | `code_change` | `warn`, `refuse`, `key`, `ignore` | a payload that other code made |
    | `input_change` | `warn`, `refuse`, `ignore` | a file named by a `Path` param that has other content now |
    | `dependency_change` | `warn`, `refuse`, `ignore` | a dependency that has another payload now |
    | `undeclared` | `warn`, `refuse`, `ignore` | the payload of a step that is not declared as a dependency |
    | `unseeded` | `warn`, `ignore` | numbers from a global generator without a seed |
    | `none_payload` | `warn`, `ignore` | `None` from a step whose annotation does not allow it |
    | `changed_in_place` | `warn`, `ignore` | a dependency's payload that a step changed |
    | `environment` | `record`, `ignore` | interpreter, libraries and revision at each generation |

    The first of these is used: the attribute of the step or of its class; the value that you set here; the environment
    variable, such as `PERSISTABLE_CODE_CHANGE`, as it was when this package was imported; the first value in the table.
    `None` removes the value that you set here.

    Raises `TypeError` for an unknown setting, and `ValueError` for a value that the setting can't have.
    """
    for name, value in settings.items():
        if name not in _CHOICES:
            raise TypeError(f"there is no setting {name!r}: the settings are {', '.join(_CHOICES)}")
        if value is not None:
            _check(name, value, name)
    for name, value in settings.items():
        _configured[name] = _of_environment(name) if value is None else value
    _tell_core()


def setting_of(step: Any, name: str) -> str:
    """Returns what a setting is for a step."""
    own = getattr(step, name, None)
    return _configured[name] if own is None else _check(name, own, f"{type(step).__qualname__}.{name}")


def check_setting(name: str, value: Any) -> None:
    """Refuses what an attribute of a step that is a setting can't be."""
    if name in _CHOICES:
        _check(name, value, name)
    else:
        _core.check_setting(name, value)


def _of_environment(name: str) -> str:
    variable = f"PERSISTABLE_{name.upper()}"
    value = os.environ.get(variable)
    return _CHOICES[name][0] if not value else _check(name, value, variable)


def _check(name: str, value: str, source: str) -> str:
    if value not in _CHOICES[name]:
        raise ValueError(f"{source} must be one of {', '.join(map(repr, _CHOICES[name]))}, not {value!r}")
    return value


def _tell_core() -> None:
    for name in _OF_CORE:
        _core.set_default(name, _configured[name])


_configured.update((name, _of_environment(name)) for name in _CHOICES)
_tell_core()
