"""`jmlab locate`: where configuration, state and runs live."""

from __future__ import annotations

from tui import streams
from tui.commands.options import examples

EXAMPLES = examples("jmlab locate", "XDG_STATE_HOME=/tmp/state jmlab locate")


def locate() -> None:
    """Show where configuration, state and runs live."""
    from sim import places

    rows = {
        "configuration": places.config_folder(),
        "state": places.state_folder(),
        "runs": places.runs_folder(),
        "last": places.last_run() or "-",
    }
    width = max(len(name) for name in rows)
    streams.emit("".join(f"{name:{width}}  {path}\n" for name, path in rows.items()))
