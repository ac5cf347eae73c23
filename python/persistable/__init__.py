"""Define the steps of a pipeline by parameters; generate each result once, load it ever after."""

from persistable._core import Value, __version__
from persistable._decorator import step
from persistable._encoders.registry import register_encoder
from persistable._persistable import Persistable
from persistable.data import PersistableParams

__all__ = ["Persistable", "PersistableParams", "Value", "__version__", "register_encoder", "step"]
