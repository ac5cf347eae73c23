"""Stores that are not folders: how they are opened, shown, copied, and used by steps."""

from __future__ import annotations

import copy
import functools
import http.server
import os
import pickle
import re
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from decorator_support import points
from server_support import SERVERS, store_on

from persistable import Store, reproduce
from persistable.exceptions import InvalidOptionError, MissingPayloadError, UnavailableError
from persistable.io import NumpyFileIO

SECRET = "do-not-show-4711"


def in_memory() -> Store:
    return Store(f"memory://{uuid.uuid4().hex}")


def over_fsspec() -> Store:
    fsspec = pytest.importorskip("fsspec")
    return Store(fsspec.filesystem("memory"), f"/{uuid.uuid4().hex}")


def on(kind: str) -> Callable[[], Store]:
    def made() -> Store:
        return store_on(kind)

    made.__name__ = kind
    return made


KINDS = [in_memory, over_fsspec, *map(on, SERVERS)]


@pytest.mark.parametrize("made", KINDS)
def test_a_step_is_generated_once_and_loaded_from_then_on(made: Callable[[], Store]) -> None:
    store = made()
    step = points(store, n=3)
    with pytest.raises(MissingPayloadError):
        step.load()
    first = step.payload
    same = points(store, n=3)
    same.load()
    assert (same.payload == first).all()
    assert same.data_dir is store
    assert step.remove()
    with pytest.raises(MissingPayloadError):
        points(store, n=3).load()


@pytest.mark.parametrize("made", KINDS)
def test_what_looks_at_artifacts_works_in_each_kind(made: Callable[[], Store]) -> None:
    step = points(made(), n=3)
    step.generate()
    assert "bytes" in str(step.explain())
    assert "points" in step._repr_html_()
    step.accept_code()
    step.accept_dependencies()
    step.accept_inputs()


def test_a_payload_in_another_store_is_reproduced(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    step = points(Store(fsspec.filesystem("file"), str(tmp_path)), n=3)
    with pytest.raises(ValueError, match="is not a folder"):
        _ = step.persist_filepath
    step.generate()
    assert reproduce(step).verdict == "identical"


def test_a_url_in_a_text_is_one_store_in_a_process() -> None:
    url = f"memory://{uuid.uuid4().hex}"
    step = points(url, n=3)
    step.generate()
    assert isinstance(step.data_dir, Store)
    assert step.data_dir == Store(url)
    points.bind(url)(n=3).load()
    assert Store(url)._persistable_store is Store(url)._persistable_store


def test_a_file_url_is_a_folder(tmp_path: Path) -> None:
    store = Store(f"file://{tmp_path}/a%20b")
    assert store.path == tmp_path / "a b"
    assert points(f"file://{tmp_path}/a%20b", n=2).data_dir == tmp_path / "a b"


def test_a_path_that_was_meant_as_a_url_is_refused() -> None:
    for path, meant in [
        (Path("s3://bucket/folder"), "s3://bucket/folder"),
        ("s3:/bucket/folder", "s3://bucket/folder"),
        ("root@host:/data", "sftp://root@host/data"),
        ("cluster:/data", "sftp://cluster/data"),
    ]:
        with pytest.raises(ValueError, match=f'pass the text "{meant}"'):
            points(path, n=2)
        with pytest.raises(InvalidOptionError):
            Store(path)


def test_a_folder_with_the_name_of_a_place_of_scp_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "root@host:").mkdir()
    assert Store("root@host:/data").path == tmp_path / "root@host:" / "data"
    assert Store(tmp_path / "root@pc:" / "data").path == tmp_path / "root@pc:" / "data"


def test_a_store_that_is_not_a_folder_has_no_path() -> None:
    store = in_memory()
    assert store.location.startswith("memory://")
    with pytest.raises(ValueError, match=r"is not a folder.*store\.location"):
        _ = store.path
    with pytest.raises(TypeError, match="can't be used as a path"):
        os.fspath(store)


def test_whether_a_store_is_a_folder_is_asked_by_its_path(tmp_path: Path) -> None:
    stores = [Store("memory://asked"), Store.layers(tmp_path, "memory://asked"), Store(tmp_path)]
    assert [getattr(store, "path", None) for store in stores] == [None, None, tmp_path]
    assert [hasattr(store, "path") for store in stores] == [False, False, True]


def test_a_store_is_trusted_only_by_true(tmp_path: Path) -> None:
    wrong: Any
    for wrong in ("no", "false", 0, 1, None):
        with pytest.raises(TypeError, match="trusted is True or False"):
            Store(tmp_path, trusted=wrong)


def test_credentials_are_not_shown() -> None:
    store = Store("s3://bucket/folder", region="eu-central-1", access_key_id="me", secret_access_key=SECRET)
    assert repr(store) == (
        "Store('s3://bucket/folder', access_key_id='…', region='eu-central-1', secret_access_key='…')"
    )
    in_query = Store(f"s3://bucket/folder?secret_access_key={SECRET}&access_key_id=me&region=here")
    for shown in (repr(in_query), in_query.location, repr(points(in_query, n=2)), repr(points.bind(in_query))):
        assert SECRET not in shown
    same = pickle.loads(pickle.dumps(store))
    assert same == store
    assert hash(same) == hash(store)
    assert same != Store("s3://bucket/folder", region="eu-central-1")


def test_wrong_options_are_refused_when_the_store_is_made(tmp_path: Path) -> None:
    with pytest.raises(InvalidOptionError, match="region") as caught:
        Store("s3://bucket", regoin="eu")
    assert isinstance(caught.value, ValueError)
    with pytest.raises(InvalidOptionError):
        Store("s4://bucket")
    with pytest.raises(TypeError, match="a folder has no option 'region'"):
        Store(tmp_path, region="eu")
    with pytest.raises(TypeError, match="a folder has no option 'cache'"):
        Store(tmp_path, cache="elsewhere")
    with pytest.raises(TypeError, match="is a store already"):
        Store(Store(tmp_path), trusted=True)
    with pytest.raises(TypeError, match="not an object of type int"):
        Store("s3://bucket", cache=3)  # type: ignore[arg-type]


def test_a_relative_path_among_the_options_is_resolved_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").touch()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    stores = [Store("sftp://host/x", ssh_config="config"), Store("sftp://host/x?ssh_config=config")]
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("PERSISTABLE_RETRIES", "0")  # So it is opened again. A file that is missing would be refused.
    for store in stores:
        assert pickle.loads(pickle.dumps(store)).location == "sftp://host/x"
    with pytest.raises(InvalidOptionError, match=r"identity_file.*no/such/key"):
        Store("sftp://host/x", identity_file="no/such/key")


def test_a_web_server_that_knows_no_ranges_is_read(tmp_path: Path) -> None:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Says nothing."""

    numbers = (2, 2_000_000)  # The second payload is larger than what comes at once.
    expected = [points(tmp_path, n=n).payload.sum() for n in numbers]
    handler = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        shown = Store(f"http://127.0.0.1:{server.server_port}", cache=False, retries=0, trusted=True)
        steps = [points(shown, n=n) for n in numbers]
        for step in steps:
            step.load()
        server.shutdown()
    assert [step.payload.sum() for step in steps] == expected


def test_a_store_with_options_travels_with_its_steps() -> None:
    store = over_fsspec()
    step = points(store, n=3)
    step.generate()
    step.reset_payload()
    for other in (pickle.loads(pickle.dumps(step)), copy.copy(step), copy.deepcopy(step)):
        other.load()
        assert other.data_dir == store
    assert copy.deepcopy(store) is store


def test_a_trusted_folder_is_a_folder(tmp_path: Path) -> None:
    store = Store(tmp_path / "data", trusted=True)
    step = points(store, n=3)
    step.generate()
    assert step.data_dir is store
    assert step.persist_filepath.parent == tmp_path / "data" == store.path
    assert (tmp_path / "data" / "points.log").is_file()
    assert pickle.loads(pickle.dumps(step)).data_dir == store != Store(tmp_path / "data")
    points(tmp_path / "data", n=3).load()


def test_a_trusted_folder_that_was_removed_is_made_anew_by_a_generation(tmp_path: Path) -> None:
    import shutil

    store = Store(tmp_path / "data", trusted=True)
    step = points(store, n=3)
    shutil.rmtree(tmp_path / "data")
    step.generate()
    points(tmp_path / "data", n=3).load()


def test_logs_go_to_the_state_folder_and_never_to_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    store = over_fsspec()
    step = points(store, n=3)
    step.generate()
    step.logger.debug("hello")
    (log,) = tmp_path.rglob("*.log")
    assert log.name == "points.log"
    assert log.parent.parent == tmp_path / "persistable" / "logs"
    assert "hello" in log.read_text()
    filesystem: Any = store._place.filesystem  # type: ignore[union-attr]
    assert not [path for path in filesystem.find("/") if path.endswith(".log")]


def test_layers_look_in_the_first_store_first(tmp_path: Path) -> None:
    far = in_memory()
    points(far, n=3).generate()
    both = Store.layers(tmp_path, far)
    step = points(both, n=3)
    step.load()
    points(tmp_path, n=3).load()
    points(both, n=4).generate()
    points(far, n=4).load()
    assert repr(both) == f"Store.layers({Store(tmp_path)!r}, {far!r})"
    assert Store.layers(tmp_path, far) == both
    with pytest.raises(TypeError, match="two stores or more"):
        Store.layers(tmp_path)


def test_a_forked_child_uses_the_store() -> None:
    store = over_fsspec()
    points(store, n=3).generate()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            points(store, n=3).load()
            points(store, n=4).generate()
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0


def test_threads_share_a_store() -> None:
    store = in_memory()
    failures: list[BaseException] = []

    def use() -> None:
        try:
            for n in range(5):
                assert len(points(store, n=n).payload) == n
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_new_process_uses_a_pickled_store(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    store = Store(fsspec.filesystem("file"), str(tmp_path / "data"))
    (tmp_path / "store").write_bytes(pickle.dumps(store))
    program = (
        "import pickle, sys\nfrom decorator_support import points\n"
        "points(pickle.load(open(sys.argv[1], 'rb')), n=3).generate()"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "store")], check=True, env=environment)
    points(store, n=3).load()


def test_own_payload_ios_and_arrays_are_stored_elsewhere() -> None:
    numpy = pytest.importorskip("numpy")
    store = over_fsspec()

    @store.step(payload_io=NumpyFileIO())
    def numbers(n: int) -> Any:
        return numpy.arange(n)

    numbers(5).generate()
    assert list(numbers(5).payload) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("url", "what"),
    [("s3://", "bucket"), ("s3:///folder", "bucket"), ("gs://", "bucket"), ("https://", "host"), ("sftp:///x", "host")],
)
def test_a_url_that_names_no_bucket_or_host_is_refused_at_once(url: str, what: str) -> None:
    with pytest.raises(InvalidOptionError, match=f"names no {what}"):
        Store(url)


def test_an_error_names_the_object_before_the_query() -> None:
    endpoint = "http://127.0.0.1:1"
    options: dict[str, Any] = {"access_key_id": "a", "secret_access_key": "b", "retries": 0}
    store = Store("s3://bucket/folder", endpoint=endpoint, **options)
    with pytest.raises(UnavailableError) as caught:
        points(store, n=1).load()
    assert f".manifest.json?endpoint={endpoint}: " in str(caught.value)


def test_no_message_and_no_repr_of_what_a_store_consists_of_shows_a_secret() -> None:
    url = "s3://bucket/folder?access_key_id=me&secret_access_key=hidden"
    store = Store(url, session_token="hidden")
    assert "hidden" not in repr(vars(store))
    with pytest.raises(TypeError) as of_folder:
        Store(url, "folder")
    with pytest.raises(ValueError, match="pass the text") as of_path:
        Store(Path(url))
    with pytest.raises(TypeError) as of_user:
        Store("https://me:hidden@host/folder", "folder")
    assert "hidden" not in f"{of_folder.value}{of_path.value}{of_user.value}"


@pytest.mark.parametrize(
    ("heading", "url"),
    [("S3", "s3://b"), ("Google", "gs://b"), ("Azure", "az://c"), ("SFTP", "sftp://h"), ("Web servers", "https://h")],
)
def test_each_option_in_the_guide_is_one(heading: str, url: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "guide" / "stores.md").read_text()
    common = re.findall(r"^\| `(\w+)` \| `\w+` \|", page, re.MULTILINE)
    (bullet,) = re.findall(rf"^- \*\*{heading}:\*\* (.*?)\.", page, re.MULTILINE | re.DOTALL)
    own = re.findall(r"`(\w+)`", bullet)
    assert len(common) == 5
    assert own
    for name in [*common, *own, *([] if heading == "SFTP" else ["ca_file"])]:
        try:
            Store(url, **{name: "7"})
        except InvalidOptionError as error:  # The value is wrong.
            assert "no option" not in str(error)
