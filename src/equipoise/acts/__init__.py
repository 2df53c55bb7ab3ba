"""One file per verb. Each asks the gate, does the step, and saves state and ledger entry together.

Command line, library and (later) web all call these; none of them holds a rule of its own.
"""
