"""The options of `step`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable

from persistable._defaults import checked_io

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import TypedDict

    from persistable.io import FileIO

    class StepOptions(TypedDict, total=False):
        """The options of `step` and of `Store.step`. `step` says what each does."""

        payload_name: str | None
        payload_io: FileIO[Any] | None
        version: int | str | None
        untracked: Iterable[str]
        validate: Callable[..., object] | None
        verbose: bool
        added_with_defaults: Mapping[str, Any]
        renamed: Mapping[str, str]
        encoders: Mapping[type, Callable[[Any], Any]]
        coerce: bool
        persist_durability: str | None
        load_verification: str | None
        lease_wait_seconds: float | None
        resources: Mapping[str, float]
        code_change: str | None
        code_track: Iterable[str]
        code_untracked: Iterable[str]


_DEFAULTS: dict[str, Any] = {
    "payload_name": None,
    "payload_io": None,
    "version": None,
    "untracked": (),
    "validate": None,
    "verbose": False,
    "added_with_defaults": {},
    "renamed": {},
    "encoders": {},
    "coerce": False,
    "persist_durability": None,
    "load_verification": None,
    "lease_wait_seconds": None,
    "resources": {},
    "code_change": None,
    "code_track": (),
    "code_untracked": (),
}

_OF_EACH_STEP = ("persist_durability", "load_verification", "lease_wait_seconds", "code_change")
"""Attributes of a step that options set, under their own names."""


_DICTS = (
    ("added_with_defaults", (str, object), "from the name of a parameter to its default"),
    ("renamed", (str, str), "from the name of a parameter to its earlier name"),
    ("encoders", (type, object), "from type to function"),
)


def checked_options(given: dict[str, Any]) -> dict[str, Any]:
    """Returns all options, each as it is kept. Raises `TypeError` or `ValueError` for what can't be one."""
    for name in given:
        if name not in _DEFAULTS:
            from persistable._other_names import of_option

            known = of_option(name)
            if known is not None:
                raise TypeError(f"step has no option {name!r}: {known}")
            raise TypeError(f"step has no option {name!r}{_meant(name)}: the options are {', '.join(_DEFAULTS)}")
    options = {**_DEFAULTS, **given}
    options["version"] = _version(options["version"])
    for name in ("code_track", "code_untracked", "untracked"):
        names = options[name]
        options[name] = (names,) if isinstance(names, str) else tuple(names)
    for name, kinds, what in _DICTS:
        _check_dict(name, options[name], kinds, what)
    for name in ("coerce", "verbose"):
        if not isinstance(options[name], bool):
            raise TypeError(f"{name} must be True or False, not {options[name]!r}")
    if options["payload_io"] is not None:
        checked_io(options["payload_io"])
    from persistable._core import holds_steps
    from persistable._resources import checked_resources
    from persistable._settings import check_setting

    if holds_steps(list(options["added_with_defaults"].values())):
        raise TypeError("a default in added_with_defaults holds a step: give a default without steps, such as None")
    options["resources"] = checked_resources(options["resources"], "resources")
    for name in _OF_EACH_STEP:
        if options[name] is not None:
            check_setting(name, options[name])
    return options


def step_attributes(options: dict[str, Any]) -> dict[str, Any]:
    """Returns the attributes that each step of a function gets."""
    attributes = {name: options[name] for name in _OF_EACH_STEP if options[name] is not None}
    if options["version"] is not None:
        attributes["payload_version"] = options["version"]
    if options["resources"]:
        attributes["resources"] = options["resources"]
    return attributes


def _version(version: Any) -> str | None:
    if isinstance(version, bool) or not isinstance(version, (int, str, type(None))):
        raise TypeError(f"version must be an int or a str, not {version!r}")
    return None if version is None else str(version)


def _check_dict(name: str, given: Any, kinds: tuple[type, type], what: str) -> None:
    is_dict = isinstance(given, Mapping)
    if not is_dict or not all(
        isinstance(key, kinds[0]) and isinstance(value, kinds[1]) for key, value in given.items()
    ):
        raise TypeError(f"{name} must be a dict {what}, not {given!r}")


def _meant(name: str) -> str:
    import difflib

    close = difflib.get_close_matches(name, _DEFAULTS, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
