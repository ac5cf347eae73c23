"""What holds for all tests of the Python package."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples every time, on however slow a machine: a test fails because of a change.
# `--hypothesis-profile=random` looks for other ones.
settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("random", settings.get_profile("same"), derandomize=False)
settings.load_profile("same")

# No test writes to the real home. Processes that tests start inherit this.
_data_home = tempfile.TemporaryDirectory(prefix="persistable-data-home-")
os.environ["XDG_DATA_HOME"] = _data_home.name
os.environ["XDG_CACHE_HOME"] = str(Path(_data_home.name) / "cache")
os.environ["XDG_STATE_HOME"] = str(Path(_data_home.name) / "state")
os.environ.pop("PERSISTABLE_CACHE", None)
os.environ.pop("PERSISTABLE_ACCOUNT_KEY", None)


@pytest.fixture
def data_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for the data of this account in which there is no signing key yet."""
    from persistable import _core

    folder = tmp_path_factory.mktemp("data-home")
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    _core.forget_account_key()
    yield folder
    _core.forget_account_key()


@pytest.fixture
def no_account_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Switches the key of this account off, also for processes that the test starts."""
    from persistable import _core

    monkeypatch.setenv("PERSISTABLE_ACCOUNT_KEY", "off")
    _core.forget_account_key()
    yield
    _core.forget_account_key()
