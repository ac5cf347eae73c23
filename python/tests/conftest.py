"""What holds for all tests of the Python package."""

from hypothesis import HealthCheck, settings

# The same examples every time, on however slow a machine: a test fails because of a change.
# `--hypothesis-profile=random` looks for other ones.
settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("random", settings.get_profile("same"), derandomize=False)
settings.load_profile("same")
