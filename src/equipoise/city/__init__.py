"""A wholly invented city and the files of its agencies, with the truth planted beside them.

``build_city`` makes people, households, homes, small areas and what befalls them from one seed;
``write_agencies`` writes each owner's file with that owner's errors and habits; ``score_flags`` and
``score_effect`` hold results against the truth. Every rate is in ``rates.toml`` with its source and
every error rate in ``errors_table.toml``. No real person, place or record is in it.
"""

from equipoise.city.agencies import AGENCIES
from equipoise.city.build import AS_OF, FEWEST, MOST, City, build_city
from equipoise.city.map import draw_map
from equipoise.city.score import EffectScore, Score, Scores, score_effect, score_flags
from equipoise.city.write import TRUTH, Written, WrittenFile, write_agencies

__all__ = [
    "AGENCIES",
    "AS_OF",
    "FEWEST",
    "MOST",
    "TRUTH",
    "City",
    "EffectScore",
    "Score",
    "Scores",
    "Written",
    "WrittenFile",
    "build_city",
    "draw_map",
    "score_effect",
    "score_flags",
    "write_agencies",
]
