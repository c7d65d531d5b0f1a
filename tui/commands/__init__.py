"""The commands, one module each.

Invariant: importing one loads typer and the standard library; what a command works with is imported when it runs.
"""
