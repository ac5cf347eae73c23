"""What is checked of a generation and of its payload.

| module | notices |
| --- | --- |
| `refusal` | payloads that can be read only once, or that only refer to data elsewhere |
| `none` | `None` from a step that does not say that it may be |
| `randomness` | numbers from a global generator that nobody seeded |
| `in_place` | a dependency's payload that the step changed |

`current` knows which step is being generated, and `rng` gives it a random generator of its own. Nothing here is
imported before the first generation.
"""
