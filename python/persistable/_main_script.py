"""The program that runs, as another process can import it."""

from __future__ import annotations

import ast
import os
import sys
import types
from typing import Any

__all__ = ["import_main", "importable_main"]


def importable_main() -> dict[str, str] | None:
    """Returns the path or the name of the script that runs; `None` if importing it would run it again.

    Only what stands behind `if __name__ == "__main__"` is not run when a script is imported.
    """
    main: Any = sys.modules.get("__main__")
    path = getattr(main, "__file__", None)
    if not isinstance(path, str) or not path.endswith(".py") or not os.path.isfile(path) or not _is_guarded(path):  # noqa: PTH113
        return None
    name = getattr(getattr(main, "__spec__", None), "name", None)
    # The `__main__` of a package, such as pytest's, seldom defines steps, and need not have that line.
    if isinstance(name, str):
        return None if name == "__main__" or name.endswith(".__main__") else {"name": name}
    return {"path": os.path.abspath(path)}  # noqa: PTH100


def _is_guarded(path: str) -> bool:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return False
    tests = [node.test for node in tree.body if isinstance(node, ast.If)]
    return any(isinstance(part, ast.Name) and part.id == "__name__" for test in tests for part in ast.walk(test))


def import_main(script: dict[str, str]) -> None:
    """Imports a script as the `__main__` of this process, without what it does when it is run."""
    import runpy

    # The name by which `multiprocessing` does it.
    name = "__mp_main__"
    if "name" in script:
        contents = runpy.run_module(script["name"], run_name=name, alter_sys=True)
    else:
        contents = runpy.run_path(script["path"], run_name=name)
    main = types.ModuleType(name)
    main.__dict__.update(contents)
    sys.modules["__main__"] = sys.modules[name] = main
