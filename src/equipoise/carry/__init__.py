"""The data's way, in order: intake, encode, link, use, disclose, release, erase.

Each step is a function of tables and clauses. None sees a path, a connection, a key or a user, and
all of it works without Django, in a notebook, on data the caller already holds.
"""
