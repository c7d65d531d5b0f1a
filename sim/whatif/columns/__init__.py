"""One replication of many intervals at once: ordinary worlds reckoned in columns, and held against a simulated one.

Invariant: no figure here is an estimate. What is reckoned equals what the simulated world measures, to the last digit;
in every replication one world of each company is simulated as well and has to agree, and whatever is out of the
ordinary is simulated and never reckoned. :mod:`sim.whatif.oracle` is something else: a second opinion that leaves the
time requests take out of account.
"""
