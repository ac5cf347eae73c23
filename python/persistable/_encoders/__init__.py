"""How Python objects become parameter values, beyond what the compiled module knows by itself.

The compiled module asks `encoder_of` about every type that it has no form for. What an encoder returns is a
`_core.Value` or any object that has a form. Each library has a module here, which is imported at the first value of
that library. The library itself is never imported here: a program that passes such a value has imported it.
"""

from __future__ import annotations

from persistable._encoders.advice import advice_on
from persistable._encoders.names import record_name
from persistable._encoders.refusal import Refusal
from persistable._encoders.registry import encoder_of, register_encoder

__all__ = ["Refusal", "advice_on", "encoder_of", "record_name", "register_encoder"]
