"""Equipoise: data-sharing agreements that a machine carries out.

The rooms, in the order in which data and people meet them: ``agree`` (what was agreed),
``gate`` (the one door), ``carry`` (the data's way), ``account`` (answering for it). ``acts``
holds one file per verb; ``cli`` is a face on them and holds no rules.
"""

__version__ = "0.1.0"
