"""The owner's file becomes a table of agreed fields, on the owner's machine.

``take_in`` reads a file as its dataset clause agrees and returns the accepted rows, the rejected
ones by number with reasons, counts that reconcile, and a quality report. ``read_source`` opens a
file and tells its kind by its content. No value of a row is in any message.
"""

from equipoise.carry.intake.codes import REASONS
from equipoise.carry.intake.result import REJECTED, Counts, FieldQuality, Intake, QualityReport
from equipoise.carry.intake.source import Source, read_source
from equipoise.carry.intake.taking import take_in

__all__ = [
    "REASONS",
    "REJECTED",
    "Counts",
    "FieldQuality",
    "Intake",
    "QualityReport",
    "Source",
    "read_source",
    "take_in",
]
