"""The disclosure check: nothing leaves but what a rule for its kind has made safe to look at.

Each kind of output has one rule in ``RULES``; a kind or a column without a rule fails, and what
fails carries no data. A check mends what it can (it withholds, rounds, rebuilds totals) and says
in its findings what it did, with the numbers; people then review what passed.
"""

from equipoise.carry.disclose.check import RULES, disclose
from equipoise.carry.disclose.findings import Checked, Finding, Verdict

__all__ = ["RULES", "Checked", "Finding", "Verdict", "disclose"]
