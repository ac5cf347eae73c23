"""Define the steps of a pipeline by parameters; generate each result once, load it ever after."""

from persistable._core import Value, __version__
from persistable._decorator import step
from persistable._encoders.registry import register_encoder
from persistable._persistable import Persistable
from persistable._settings import configure
from persistable.data import PersistableParams
from persistable.inputs import InputFile, InputFolder

__all__ = [
    "InputFile",
    "InputFolder",
    "Persistable",
    "PersistableParams",
    "Value",
    "__version__",
    "configure",
    "register_encoder",
    "step",
]
