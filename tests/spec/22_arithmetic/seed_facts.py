"""What the founding report still tells of its rankings and polls, and nothing else.

Its tables of figures are lost. What words kept is which examples stood above which, under which
criterion, and which way the room moved. No count stands here, because none survives. Lines are of
the report's text.
"""

from equipoise.weigh.rank import Ranking, as_ranking

BENEFIT: dict[str, Ranking] = {
    "numbers able to benefit": as_ranking([["C", "1", "E"], "2"]),  # lines 202 to 208
    "impact on individuals": as_ranking([["C", "F"], ["A", "4"]]),  # lines 210 to 215
    "root causes": as_ranking([["D", "5"], "C"]),  # lines 217 to 223
}
WIDER_IMPACTS = as_ranking(["3"])  # lines 225 to 232: very high, and above what is not told

RISK: dict[str, Ranking] = {
    "identifiability": as_ranking(["2", "6"]),  # lines 324 to 336
    "reputation": as_ranking(["4", "1"]),  # lines 339 to 349: quite high, and the lowest
    "sensitivity over another kind": as_ranking(["F", "C"]),  # lines 352 to 358
    "sensitivity by its safeguards": as_ranking(["A", "E"]),  # lines 359 to 365
    "likelihood of a good outcome": as_ranking([["F", "C"]]),  # lines 368 to 375: both high
}

COMFORT_AFTER_INFORMATION = {  # lines 482 to 491: more discomfort, for each of the three
    "Troubled Families programme": "down",
    "Camden Residents Index": "down",
    "Community Safety Partnerships": "down",
}
MOST_SPLIT = "Camden Residents Index"  # line 484
