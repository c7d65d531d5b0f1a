"""The command line: which commands there are, and how everything that goes wrong is told.

Invariant: whatever a user can cause ends in one sentence on stderr and an exit code, never in a traceback. Importing
this loads nothing heavy, so that `jmlab --help` answers at once.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Annotated, Final, cast

import typer

from sim.errors import JmlabError
from tui import streams
from tui.commands import bench, env, locate, preview, provision, run, scenario, serve, try_, tui, whatif
from tui.commands.options import examples

INTERRUPTED = 130

UsageError: Final = cast("type[Exception]", typer.BadParameter.__mro__[1])
"""What a wrong command line raises; typer gives only its subclass a public name."""

app = typer.Typer(
    help="What a provisioning cycle leaves open: people join, move and leave, and their access follows later. "
    "Everything is SIMULATED; nothing listens beyond 127.0.0.1.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback(
    invoke_without_command=True,
    epilog=examples(
        "jmlab                    watch one real deployment, on the full screen",
        "jmlab | cat              the same without a screen: what came of it",
        "jmlab run hello --set provisioning.interval=20m",
        'jmlab serve hello        then, in another terminal: eval "$(jmlab env)"',
    ),
)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Show the scenario that opens by itself when no command is named; without a terminal, run it."""
    if version:
        from sim.versions import jmlab_version

        streams.emit(f"jmlab {jmlab_version()}\n")
        raise typer.Exit
    if context.invoked_subcommand is None:
        if tui.on_terminal():
            tui.default()
        else:
            run.default()


app.command("run", epilog=run.EXAMPLES)(run.run)
app.command("tui", epilog=tui.EXAMPLES)(tui.tui)
app.command("whatif", epilog=whatif.EXAMPLES, short_help="Compare variants of a scenario, beyond chance.")(
    whatif.whatif
)
app.command("serve", epilog=serve.EXAMPLES)(serve.serve)
app.command("env", epilog=env.EXAMPLES)(env.env)
app.command("preview", epilog=preview.EXAMPLES, short_help="Show what the next cycle will send, and to whom.")(
    preview.preview
)
app.command("try", epilog=try_.EXAMPLES, short_help="Say whether somebody gets into an AWS account, and until when.")(
    try_.try_
)
app.command("provision", epilog=provision.EXAMPLES, short_help="Provision one person, or a group, now.")(
    provision.provision
)
app.add_typer(scenario.app, name="scenario")
app.command("bench", epilog=bench.EXAMPLES, context_settings={"allow_extra_args": True})(bench.bench)
app.command("locate", epilog=locate.EXAMPLES)(locate.locate)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; its exit code."""
    command = typer.main.get_command(app)
    try:
        code = command.main(
            args=None if arguments is None else list(arguments), prog_name="jmlab", standalone_mode=False
        )
    except UsageError as error:
        streams.note(usage_sentence(error))
        return 2
    except JmlabError as error:
        streams.note(str(error))
        return error.exit_code
    except OSError as error:
        streams.leave_stdout()
        streams.note(f"{error.filename or 'stdout'}: {error.strerror or error}")
        return JmlabError.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit:  # how typer ends when nobody reads the help any more
        return 0
    return code if isinstance(code, int) else 0


def usage_sentence(error: Exception) -> str:
    """A wrong command line in one sentence: the command, what is wrong, where to read on."""
    context, parameter = getattr(error, "ctx", None), getattr(error, "param", None)
    command = context.command_path if context is not None else "jmlab"
    message = str(getattr(error, "message", ""))
    if parameter is not None and message:
        message = f"{parameter.opts[0]}: {message}"
    elif not message or not isinstance(error, typer.BadParameter):
        said = " ".join(str(error.format_message() if hasattr(error, "format_message") else error).split())
        said = re.sub(r"[.] Did you mean (.+)[?]$", r" (did you mean \1?)", said)
        message = said[:1].lower() + said[1:].removesuffix(".")
        message += _scenario_in_place_of_command(message)
    return f"{command}: {message}; see {command} --help"


def _scenario_in_place_of_command(message: str) -> str:
    """What was meant by the name of a scenario where a command has to stand; empty for anything else."""
    found = re.fullmatch(r"no such command '([\w-]+)'", message)
    if found is None:
        return ""
    from sim.scenario import catalogue

    name = found[1]
    is_scenario = any(item.name == name for item in catalogue())
    return f" (a scenario: jmlab run {name}, or on the screen jmlab tui {name})" if is_scenario else ""


if __name__ == "__main__":
    sys.exit(main())
