"""Running graphs of steps: on threads, on processes, and on the engine that a user already has."""
