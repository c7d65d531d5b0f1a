"""How the job words what is wrong with a connection, over either transport.

Invariant: what is said follows from the answer alone, so that both transports say the same.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from sim.ports import NO_ANSWER, Answer

NO_SCIM: Final = "The answer is not a SCIM response."
_UNEXPECTED: Final = "We received this unexpected response from your application: "


def unexpected(answer: Answer) -> str:
    """Why a test of the connection failed."""
    if answer.status == NO_ANSWER:
        return "We did not receive a response from your application within the time allowed."
    if not answer.scim:
        return f"{_UNEXPECTED}{answer.status}, and it is not a SCIM response."
    return f"{_UNEXPECTED}{HTTPStatus(answer.status).phrase} ({answer.status})."
