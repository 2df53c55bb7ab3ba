"""Attacks on what a curious linkage unit sees, run against our own encodings and published.

The attacker knows the whole scheme and its strength, everything but the key, and holds a register
of the population in plain text that shares some people with the encoded file. Each module holds
one attack or a few (its docstring names the paper it follows; the code is our own), ``grid`` runs
them all, ``page`` writes what came of it. Unhardened filters must fall to the graph attack, or the
suite itself is broken and says so; random bits must not.
"""
