"""The workshop: people at tables weigh initiatives, and what they said can be shown and kept.

``plan`` proposes what fits the time; ``events`` are kept append-only and ``state`` folds them;
``joining``, ``answers`` and ``steering`` decide what may happen next and never change anything;
``screening`` reads free text before anybody else does; ``shown`` is the only way to the wall and
the report, and lets nothing through about fewer than five people; ``results``, ``wall`` and
``report`` put it together; ``survey`` is the pairwise vote over days; ``simulate`` invents a day.
"""
