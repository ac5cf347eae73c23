"""The environment of this process, as a record that many artifacts share: interpreter, libraries, revision.

It is for people who ask why two payloads differ. Nobody is warned because of it, and no key has it. It holds no host
name, no user name and no path.
"""

from persistable._environment._describe import describe_environment
from persistable._environment._record import environment_json, prepare, recorded_environment

__all__ = ["describe_environment", "environment_json", "prepare", "recorded_environment"]
