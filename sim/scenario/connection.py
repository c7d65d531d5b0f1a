"""How the enterprise application is connected with the target: its credentials, and the test of them.

Invariant: no credential stands in a scenario; what is saved is what the target has issued.
"""

from __future__ import annotations

from typing import Literal

from sim.scenario.action import Action


class SaveCredentials(Action):
    """An administrator gives the application the target's address and its newest token. Where the timeline does this,
    the application begins without any."""

    do: Literal["save_credentials"]


class ConnectionTest(Action):
    """An administrator tries whether the saved credentials open the target."""

    do: Literal["test_connection"]
