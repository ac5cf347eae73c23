"""What to pass in place of an object that no encoder could identify: one table of kinds."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["advice_on"]


class _Kind(NamedTuple):
    """Classes, by module and qualified name, with all that are derived from them."""

    problem: str
    advice: str
    classes: frozenset[str]


_LEAVE_OUT = "pass it as an untracked param, or name its field in `_excluded_attributes`"


def _kind(problem: str, advice: str, classes: str) -> _Kind:
    return _Kind(problem, advice, frozenset(classes.split()))


# Of two kinds that a class belongs to, the first counts.
_KINDS = (
    _kind(
        "is a random generator, whose state changes with each number that it gives",
        "pass the seed, and make the generator in the step",
        """random.Random numpy.random._generator.Generator numpy.random.mtrand.RandomState
        numpy.random.bit_generator.BitGenerator numpy.random.bit_generator.SeedSequence
        torch._C.Generator torch.Generator tensorflow.python.ops.stateful_random_ops.Generator""",
    ),
    _kind("is a module", "pass its name, module.__name__, or the functions of it that you need", "builtins.module"),
    _kind(
        "is a file in memory",
        "pass its content, file.getvalue()",
        "_io.BytesIO _io.StringIO",
    ),
    _kind("is an open file", f"pass its path, or {_LEAVE_OUT}", "_io._IOBase tempfile._TemporaryFileWrapper mmap.mmap"),
    _kind(
        "is a lock, or something else that synchronises threads or processes",
        _LEAVE_OUT,
        """_thread.lock _thread.LockType _thread.RLock threading._RLock threading.Condition threading.Event
        threading.Semaphore threading.Barrier _thread._local queue.Queue _queue.SimpleQueue
        multiprocessing.synchronize.SemLock multiprocessing.synchronize.Condition multiprocessing.synchronize.Event
        multiprocessing.queues.Queue multiprocessing.queues.SimpleQueue multiprocessing.managers.BaseProxy
        asyncio.locks.Lock asyncio.locks.Event asyncio.locks.Condition asyncio.locks.Semaphore asyncio.queues.Queue""",
    ),
    _kind(
        "is a thread, a process, or a pool of these",
        _LEAVE_OUT,
        """threading.Thread multiprocessing.process.BaseProcess multiprocessing.pool.Pool subprocess.Popen
        concurrent.futures._base.Executor joblib.parallel.Parallel distributed.client.Client""",
    ),
    _kind(
        "is a result that may not be there yet",
        "wait for it, and pass the result",
        "concurrent.futures._base.Future _asyncio.Future asyncio.futures.Future distributed.client.Future",
    ),
    _kind("is a coroutine", "await it, and pass the result", "builtins.coroutine builtins.async_generator"),
    _kind(
        "is a logger",
        _LEAVE_OUT,
        "logging.Logger logging.LoggerAdapter logging.Handler loguru._logger.Logger structlog._base.BoundLoggerBase",
    ),
    _kind(
        "is a connection",
        f"pass what it is opened by, such as a URL, or {_LEAVE_OUT}",
        """_socket.socket socket.socket ssl.SSLContext _ssl._SSLContext multiprocessing.connection._ConnectionBase
        sqlite3.Connection sqlite3.Cursor psycopg2.extensions.connection psycopg2.extensions.cursor
        psycopg._connection_base.BaseConnection sqlalchemy.engine.base.Engine sqlalchemy.engine.base.Connection
        sqlalchemy.orm.session.Session duckdb.DuckDBPyConnection _duckdb.DuckDBPyConnection
        pymongo.mongo_client.MongoClient redis.client.Redis requests.sessions.Session httpx._client.BaseClient
        urllib3.poolmanager.PoolManager
        botocore.client.BaseClient boto3.resources.base.ServiceResource fsspec.spec.AbstractFileSystem""",
    ),
    _kind("is a progress bar", _LEAVE_OUT, "tqdm.std.tqdm"),
    _kind("is a context variable", "pass its value, variable.get()", "_contextvars.ContextVar"),
    _kind(
        "is a function decorated with @step",
        "call it, and pass the step that it returns as a dependency",
        "persistable._decorator.StepFunction persistable._bound.BoundStepFunction",
    ),
    _kind(
        "is a store",
        "if the function is bound to a store, leave the data folder out; if its files are input, pass an InputFolder",
        "persistable._store.Store",
    ),
    _kind(
        "is a weak reference",
        "pass the object that it refers to",
        """weakref.ReferenceType builtins.weakref builtins.ReferenceType builtins.weakproxy builtins.weakcallableproxy
        weakref.ProxyType weakref.CallableProxyType weakref.WeakSet _weakrefset.WeakSet
        weakref.WeakKeyDictionary weakref.WeakValueDictionary""",
    ),
    _kind(
        "groups or slides over the rows of a frame",
        "pass the frame, and params that say how to group it",
        """pandas.core.groupby.groupby.BaseGroupBy pandas.core.window.rolling.BaseWindow pandas.core.resample.Resampler
        polars.dataframe.group_by.GroupBy polars.dataframe.group_by.RollingGroupBy
        polars.dataframe.group_by.DynamicGroupBy polars.lazyframe.group_by.LazyGroupBy""",
    ),
    _kind(
        "is an array of another library",
        "pass it as a NumPy array",
        "torch._C.TensorBase torch.Tensor tensorflow.python.framework.tensor.Tensor jaxlib._jax.Array jax.Array",
    ),
    _kind(
        "is a model with weights",
        "pass what it is made from, and its weights as NumPy arrays, or load them in the step",
        "torch.nn.modules.module.Module keras.src.models.model.Model",
    ),
    _kind("is the match of a pattern", "pass the pattern and the text", "re.Match"),
    _kind(
        "is a view of a dict",
        "pass a list or a set of it",
        """builtins.dict_keys builtins.dict_values builtins.dict_items collections.abc.KeysView
        collections.abc.ValuesView collections.abc.ItemsView""",
    ),
)


def advice_on(cls: type) -> tuple[str, str] | None:
    """Returns what is wrong with objects of a class, and what to do; `None` if an encoder would be the way."""
    names = {f"{base.__module__}.{base.__qualname__}" for base in cls.__mro__}
    for kind in _KINDS:
        if not kind.classes.isdisjoint(names):
            return kind.problem, kind.advice
    return _by_methods(cls)


def _by_methods(cls: type) -> tuple[str, str] | None:
    if _has_all(cls, "get_params", "set_params"):
        advice = "pass its class and its get_params(), and make it in the step"
        return "is an estimator, which may have been fitted", advice
    if _has_all(cls, "__iter__", "__next__"):
        return "is an iterator, which can be read only once", "pass a list of what it yields"
    if _has_all(cls, "__aiter__", "__anext__"):
        return "is an iterator, which can be read only once", "pass a list of what it yields"
    if _has_all(cls, "__await__"):
        return "is a result that may not be there yet", "await it, and pass the result"
    return None


def _has_all(cls: type, *names: str) -> bool:
    return all(callable(getattr(cls, name, None)) for name in names)
