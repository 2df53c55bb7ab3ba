"""The command line: a face on ``acts``. It reads options, shows progress and results, and ends with
the exit code of the error's class. It holds no rules.

Each command imports its act when it runs, so that ``--help``, ``check`` and ``summary`` answer at
once.
"""
