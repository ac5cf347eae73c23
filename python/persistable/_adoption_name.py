"""The name under which persistable 1.x persisted a step's payload, and whether it can only stand for this step.

It is `{payload_name}({md5})`, with the MD5 of the text of the params tree. One text may stand for several trees. The
text of a large array leaves out most of it. The text of a nested object leaves out its type. A path, an enum member and
a `str` may have the same text. If a text may stand for another tree too, there is a *doubt*.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

from persistable._annotation import names_only
from persistable._dict_encodable import DictEncodable, attributes_of

if TYPE_CHECKING:
    from persistable._persistable import Persistable

    Step = Persistable[Any, Any]

# 1.x nested a few calls for each level, and wrote out every path through the graph: it never got farther than this.
_DEEPEST = 400
_LONGEST_CHARS = 16_000_000

# What prints like nothing else.
_NUMBERS = frozenset({type(None), bool, int, float})
_LEAVES = _NUMBERS | {str}


class OldName(NamedTuple):
    """The stem of the file name, and why it may stand for another step."""

    stem: str
    doubt: str | None


class _Text(NamedTuple):
    text: str
    doubt: str | None


class _TooLargeError(Exception):
    """1.x can't have persisted this."""


def _digest_of(text: str) -> str:
    import hashlib

    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def name_of(step: Step) -> OldName | None:
    """Returns the name, or `None` if 1.x can't have persisted such a step."""
    try:
        tree = _tree(step, {}, 0)
        text = f"{{{step.payload_name!r}: {tree.text}}}"
        digest = _digest_of(text)
    except Exception:  # Of a value that has no text, 1.x had no name.
        return None
    if "." in step.payload_name:
        # It took what follows the last dot, the hash with it, for the suffix.
        return OldName(step.payload_name.rpartition(".")[0], "the payload name has a dot, so its file name has no hash")
    return OldName(f"{step.payload_name}({digest})", tree.doubt)


def _tree(step: Step, known: dict[int, _Text], depth: int) -> _Text:
    """Returns the text of a step's params tree. ``known`` has those of steps below, by their `id`."""
    found = known.get(id(step))
    if found is not None:
        return found
    if depth > _DEEPEST:
        raise _TooLargeError
    declared = step.tracked_persistable_dependencies
    doubt = None
    if isinstance(declared, Mapping):
        doubt = "its dependencies have places, which 1.x did not know"
        from persistable._tree import dependencies_of

        declared = dependencies_of(step)
    below = [(dependency.payload_name, _tree(dependency, known, depth + 1)) for dependency in declared or ()]
    if step.payload_version is not None:
        doubt = doubt or f"{step.payload_name} has a payload_version, which 1.x did not know"
    entries = _params(step.params)
    for name, text in below:
        if name in entries:
            doubt = (
                doubt or f"two dependencies of {step.payload_name}, or a field and a dependency, have the name {name}"
            )
        entries[name] = text
    known[id(step)] = joined = _joined(entries, doubt)
    return joined


def _joined(entries: dict[str, _Text], doubt: str | None) -> _Text:
    if sum(len(entry.text) for entry in entries.values()) > _LONGEST_CHARS:
        raise _TooLargeError
    doubt = doubt or next((entry.doubt for entry in entries.values() if entry.doubt), None)
    return _Text(f"{{{', '.join(f'{name!r}: {entry.text}' for name, entry in entries.items())}}}", doubt)


def _params(params: Any) -> dict[str, _Text]:
    if params is None:
        return {}
    if isinstance(params, DictEncodable):
        return _fields(params)
    doubt = f"1.x knew no params of type {type(params).__qualname__}"
    items = params if isinstance(params, Mapping) else dict(attributes_of(params))
    return {name: _Text(repr(value), doubt) for name, value in items.items()}


def _fields(instance: DictEncodable) -> dict[str, _Text]:
    if type(instance).to_dict is not DictEncodable.to_dict:
        return {name: _leaf(value, name) for name, value in instance.to_dict().items()}
    excluded, encoders = instance._excluded_attributes, instance._custom_type_encoder_map
    declared: Mapping[str, Any] = getattr(type(instance), "__dataclass_fields__", {})
    entries = {}
    for name, value in attributes_of(instance):
        if name in excluded:
            continue
        annotation = declared[name].type if name in declared else None
        encoder = None
        if encoders:
            encoder = next((encoders[kind] for kind in type(value).__mro__ if kind in encoders), None)
        if encoder is not None:
            entry = _of_type(encoder(value), value, name, annotation)
        elif type(value) in _NUMBERS:
            entry = _Text(repr(value), None)
        else:
            entry = _value(value, name, annotation)
        if declared and name not in declared:
            entry = _Text(entry.text, entry.doubt or f"{name} is not a field of {type(instance).__qualname__}")
        entries[name] = entry
    return entries


def _value(value: Any, name: str, annotation: Any) -> _Text:
    if isinstance(value, PurePath):
        return _Text(repr(str(value)), _doubt_of_type(value, name, annotation))
    if isinstance(value, enum.Enum):
        return _Text(repr(value.name), _doubt_of_type(value, name, annotation))
    if isinstance(value, DictEncodable):
        return _joined(_fields(value), _doubt_of_type(value, name, annotation))
    return _of_type(value, value, name, annotation)


def _of_type(shown: Any, value: Any, name: str, annotation: Any) -> _Text:
    """The text of what a value is shown as, with a doubt where values of other types may be shown like it."""
    text = _leaf(shown, name)
    if text.doubt or not _has_text_or_dict(shown):
        return text
    return _Text(text.text, _doubt_of_type(value, name, annotation))


def _has_text_or_dict(value: Any) -> bool:
    """Tells whether a value prints as a path, an enum member or a nested object may, or has members that do."""
    if type(value) in (list, tuple):
        return any(map(_has_text_or_dict, value))
    return type(value) in (str, dict)


def _doubt_of_type(value: Any, name: str, annotation: Any) -> str | None:
    """Doubts a value whose type the text leaves out, unless the field takes nothing else."""
    kind = type(value)
    if names_only(annotation, kind) or (isinstance(value, Path) and names_only(annotation, Path)):
        return None
    return (
        f"the type of {name} ({kind.__qualname__}) is not in its file name, and the field's annotation does not say it"
    )


def _leaf(value: Any, name: str = "a value") -> _Text:
    """The text of a value, with a doubt about anything but plain values and containers of these."""
    return _Text(repr(value), _doubt_of_leaf(value, name))


def _doubt_of_leaf(value: Any, name: str) -> str | None:
    kind = type(value)
    if kind in _LEAVES:
        return None
    if kind is list or kind is tuple:
        return next((doubt for doubt in (_doubt_of_leaf(member, name) for member in value) if doubt), None)
    if kind is dict:
        members = (*value.keys(), *value.values())
        return next((doubt for doubt in (_doubt_of_leaf(member, name) for member in members) if doubt), None)
    return f"other values look the same as {name} (of type {kind.__qualname__}) in its file name"
