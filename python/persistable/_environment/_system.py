"""What can be told at once: interpreter, platform, and the libraries that compute."""

from __future__ import annotations

import os
import sys
from typing import Any

__all__ = ["parts"]


def parts() -> dict[str, Any]:
    """Returns what is known without asking anybody, by name. What is not known is left out."""
    import platform

    known: dict[str, Any] = {
        "language": "Python",
        "python": {"implementation": platform.python_implementation(), "version": platform.python_version()},
        "platform": _platform(platform),
    }
    for name, look in (("blas", _blas), ("cpu_features", _cpu_features), ("cuda", _cuda)):
        # The library may be half imported, or of another version than those that this was written for.
        try:
            found = look()
        except Exception:
            found = None
        if found:
            known[name] = found
    return known


def _platform(platform: Any) -> dict[str, str]:
    known = {"system": platform.system(), "machine": platform.machine()}
    libc = _libc(platform)
    if libc:
        known["libc"] = libc
    return known


def _libc(platform: Any) -> str | None:
    try:
        # `platform.libc_ver` reads the interpreter's file for it.
        return os.confstr("CS_GNU_LIBC_VERSION")
    except (AttributeError, OSError, ValueError):
        return platform.mac_ver()[0] or None


def _numpy_config() -> dict[str, Any]:
    numpy: Any = sys.modules.get("numpy")
    if numpy is None:
        return {}
    config = numpy.show_config(mode="dicts")
    return config if isinstance(config, dict) else {}


def _blas() -> dict[str, str] | None:
    blas = _numpy_config().get("Build Dependencies", {}).get("blas", {})
    return {name: str(blas[name]) for name in ("name", "version") if blas.get(name)}


def _cpu_features() -> list[str] | None:
    """Returns the vector instructions that NumPy found: they are why one program rounds differently on two machines."""
    return sorted(map(str, _numpy_config().get("SIMD Extensions", {}).get("found", ())))


def _cuda() -> str | None:
    torch: Any = sys.modules.get("torch")
    # The version that it was built for. Asking for the device would initialise it.
    return None if torch is None else str(torch.version.cuda or torch.version.hip or "") or None
