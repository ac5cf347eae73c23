"""What users do with stores on servers: Ceph, Azurite, our stub of Google's storage, OpenSSH and a web server."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
import server_steps
from gate import Gate
from server_steps import slow, squares, total
from server_support import BUCKETS, SERVERS, https_folder, place, server, store_on
from support import STUCK_SECONDS, run, start

from persistable import Store
from persistable.exceptions import DeniedError, MissingPayloadError, UnavailableError
from persistable.io import PickleFileIO

SQUARES = {"squares": [0, 1, 4]}


@pytest.fixture(params=SERVERS)
def kind(request: pytest.FixtureRequest) -> str:
    server(request.param)
    return str(request.param)


def test_a_pickle_is_persisted_loaded_and_removed(kind: str) -> None:
    store = store_on(kind)
    step = squares(store, 3)
    with pytest.raises(MissingPayloadError):
        step.load()
    assert step.payload == SQUARES
    again = squares(store_on(kind, folder=store.location.partition("?")[0].rpartition("/")[2]), 3)
    again.load()
    assert again.payload == SQUARES
    assert total(store, again).payload == 5
    assert again.remove()
    with pytest.raises(MissingPayloadError):
        squares(store, 3).load()


def test_it_is_loaded_from_the_cache_and_without_it(kind: str, tmp_path: Path) -> None:
    folder = f"python-{uuid.uuid4().hex}"
    store = store_on(kind, folder, cache=tmp_path / "cache")
    squares(store_on(kind, folder, cache=False), 3).generate()
    for _ in range(2):
        squares(store, 3).load()
        (kept,) = tmp_path.rglob("payload")
    kept.write_bytes(b"damaged")
    squares(store, 3).load()
    shutil.rmtree(tmp_path / "cache")
    squares(store, 3).load()


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_generate_once(kind: str, method: str, tmp_path: Path) -> None:
    program = """
import multiprocessing, pickle, sys
from concurrent.futures import ProcessPoolExecutor
from server_steps import payload_of
if __name__ == "__main__":
    step = pickle.loads(bytes.fromhex(sys.argv[1]))
    try:
        step.load()  # Connections are open when the process forks.
    except FileNotFoundError:
        pass
    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context(sys.argv[2])) as pool:
        print(*pool.map(payload_of, [step] * 6))
"""
    (tmp_path / "program.py").write_text(program)
    (tmp_path / "marks").mkdir()
    step = slow(store_on(kind), 3, str(tmp_path / "marks"))
    starter = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    assert run(starter, tmp_path / "program.py", pickle.dumps(step).hex(), method) == "3 3 3 3 3 3"
    assert len(list((tmp_path / "marks").iterdir())) == 1


def test_it_is_copied_there_and_back(kind: str, tmp_path: Path) -> None:
    here, there = Store(tmp_path / "here"), store_on(kind)
    last = total(here, squares(here, 3))
    last.generate()
    told: list[int] = []
    report = here.push(there, progress=lambda done: told.append(done.artifacts_done))
    assert (len(report.copied), told[-1]) == (2, 2)
    assert here.push(there).copied == ()
    elsewhere = Store(tmp_path / "elsewhere")
    assert len(elsewhere.pull(there, [total(there, squares(there, 3))]).copied) == 2
    squares(elsewhere, 3).load()


def test_a_layer_above_loads_when_the_server_is_gone(tmp_path: Path) -> None:
    with Gate(server("s3")) as gate:
        there = store_on("s3", endpoint=gate.endpoint, retries=0)
        layers = Store.layers(tmp_path / "here", there)
        assert squares(layers, 3).payload == SQUARES
        squares(there, 3).load()
        gate.close()
        squares(layers, 3).load()
        with pytest.raises(UnavailableError):
            squares(layers, 4).generate()


class Closing(PickleFileIO[Any]):
    """Closes the way to the server once there is a payload."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self.gate = gate

    def _write(self, payload: Any, writer: Any) -> None:
        self.gate.close()
        super()._write(payload, writer)


@pytest.mark.parametrize("kind", BUCKETS)
def test_a_server_that_stops_midway_costs_no_payload(kind: str) -> None:
    with Gate(server(kind)) as gate:
        step = squares(store_on(kind, endpoint=gate.endpoint, retries=1, cache=False), 3)
        step.payload_io = Closing(gate)
        with pytest.raises(UnavailableError) as caught:
            step.generate()
        assert caught.value.is_retryable
        assert step._payload == SQUARES
        gate.open()
        step.payload_io = PickleFileIO()
        step.persist()
        step.reset_payload()
        step.load()
        assert step.payload == SQUARES


def test_a_web_server_is_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url, shown, options = https_folder()
    step = squares(shown, 3)
    step.generate()
    store = Store(url, **options)
    assert squares(store, 3).payload == SQUARES
    monkeypatch.setattr(server_steps, "calls", [])
    with pytest.raises(DeniedError, match="can only be read"):
        _ = squares(store, 4).payload
    assert server_steps.calls == []  # It is said before a generation that may take days.
    layers = Store.layers(tmp_path, store)
    squares(layers, 3).load()
    squares(tmp_path, 3).load()


def test_who_was_stopped_generates_nothing_that_another_has_persisted(kind: str, tmp_path: Path) -> None:
    program = """
import pickle, sys
from stopped_steps import report
print(report(pickle.loads(bytes.fromhex(sys.argv[1])), sys.argv[2]).payload, flush=True)
"""
    arguments = (pickle.dumps(store_on(kind, lease_time="1s")).hex(), tmp_path / "marks")
    (tmp_path / "marks").mkdir()
    marks = lambda: sorted(path.name.partition("-")[0] for path in (tmp_path / "marks").iterdir())  # noqa: E731
    sleeper = start(program, *arguments)
    while marks() != ["raw"]:
        assert sleeper.poll() is None
        time.sleep(0.01)
    os.kill(sleeper.pid, signal.SIGSTOP)
    try:
        assert run(program, *arguments) == "3"
    finally:
        os.kill(sleeper.pid, signal.SIGCONT)
    out, error = sleeper.communicate(timeout=STUCK_SECONDS)
    assert out.strip() == "3", error
    assert marks() == ["model", "raw", "raw", "report"]
    assert "model(" in error
    assert "has taken over the lease" in error


def test_a_chdir_changes_nothing(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    url, options = place(kind)
    if "ssh_config" in options:
        options["ssh_config"] = os.path.relpath(options["ssh_config"])
    store = Store(url, **options, cache="cache")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    squares(store, 3).generate()
    squares(store, 3).load()
    assert list(tmp_path.glob("cache/**/payload"))
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_notebook_uses_a_bucket() -> None:
    shell = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell()
    shell.user_ns["store"] = store_on("azure")
    cells = [
        "made = []",
        "@store.step\ndef cubes(n: int) -> list[int]:\n    made.append(n)\n    return [i**3 for i in range(n)]",
        "first = cubes(3).payload",
        "second = cubes(3)\nsecond.load()\nhtml = second._repr_html_()",
    ]
    for cell in cells:
        shell.run_cell(cell).raise_error()
    assert (shell.user_ns["made"], shell.user_ns["second"].payload) == ([3], [0, 1, 8])
    assert "cubes" in shell.user_ns["html"]
