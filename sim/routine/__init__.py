"""What is usual, done at once: the ordinary lives of generated people, carried over by calls, in flat functions.

Invariant: nothing here is a rule of its own. For whom it is taken, the short way writes into the same records what the
long way through HR, directory, job, target and observation would have written, and whoever is in doubt goes the long
way. Nothing has to be handed over between the two, for there is one state.
"""
