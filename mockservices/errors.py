"""What a simulated service says when it refuses; never a fault of the program."""

from __future__ import annotations


class ServiceError(Exception):
    """A refusal by one of the services: it has an HTTP status and a sentence, and changes nothing."""

    status: int = 400

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        if status is not None:
            self.status = status
