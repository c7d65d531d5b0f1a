"""Who joins, moves, leaves, comes back, and runs out of contract, and when: before anybody has a name.

Invariant: nobody has an event before joining or after going, and each kind of event draws from streams of its own, so
that another rate for one kind leaves the draws of the others alone.
"""
