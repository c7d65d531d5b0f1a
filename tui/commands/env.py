"""`jmlab env`: the addresses and credentials of the world that is being served, as lines for a shell to evaluate.

Invariant: every value is quoted so that the shell takes it as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote
from typing import Annotated, Any

import typer

from sim.errors import UnreachableError
from tui import streams
from tui.commands.options import examples, one_of

EXAMPLES = examples(
    'eval "$(jmlab env)"',
    "jmlab env --shell pwsh | Out-String | Invoke-Expression",
)


def env(
    shell: Annotated[
        str, typer.Option("--shell", metavar="bash|pwsh", parser=one_of("bash", "pwsh"), help="Whose syntax to write.")
    ] = "bash",
) -> None:
    """Print the running services' addresses and credentials.

    Lines for a shell to evaluate. When no world is being served, the exit code is 3.
    """
    from sim import places

    state = places.served()
    if state is None:
        raise UnreachableError("no world is being served; start one with: jmlab serve hello")
    line = "export {}={}\n" if shell == "bash" else "$env:{} = {}\n"
    quoted = quote if shell == "bash" else _quoted_for_powershell
    streams.emit("".join(line.format(name, quoted(value)) for name, value in variables(state).items()))


def variables(state: Mapping[str, Any]) -> dict[str, str]:
    """The environment variables that a served world stands for.

    The names that begin with ``AWS_`` are those that the SDKs read:
    https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    graph, scim, aws, testbed = state["graph"], state["scim"], state["aws"], state["testbed"]
    offered = {
        "AWS_ENDPOINT_URL_IDENTITYSTORE": aws["endpoint_url"],
        "AWS_ENDPOINT_URL_SSO_ADMIN": aws["endpoint_url"],
        "AWS_ENDPOINT_URL_SSO": aws["endpoint_url"],
        "AWS_ENDPOINT_URL_SSO_OIDC": aws["endpoint_url"],
        "AWS_REGION": aws["region"],
        "AWS_DEFAULT_REGION": aws["region"],
        "AWS_ACCESS_KEY_ID": aws["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": aws["secret_access_key"],
        "JMLAB_INSTANCE_ARN": aws["instance_arn"],
        "JMLAB_IDENTITY_STORE_ID": aws["identity_store_id"],
        "JMLAB_GRAPH": graph["base_url"],
        "JMLAB_TOKEN": state["access_token"],
        "JMLAB_TOKEN_URL": graph["token_url"],
        "JMLAB_TENANT_ID": graph["tenant_id"],
        "JMLAB_CLIENT_ID": graph["client_id"],
        "JMLAB_CLIENT_SECRET": graph["client_secret"],
        "JMLAB_SCIM": scim["base_url"],
        "JMLAB_SCIM_TOKEN": scim["token"],
        "JMLAB_TESTBED": testbed["base_url"],
        "JMLAB_TESTBED_TOKEN": testbed["token"],
    }
    return {name: value for name, value in offered.items() if value is not None}  # SCIM: once there is an endpoint


def _quoted_for_powershell(value: str) -> str:
    doubled = value.replace("'", "''")
    return f"'{doubled}'"
