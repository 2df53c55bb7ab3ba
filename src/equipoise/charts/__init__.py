"""Checked tables as static pictures: pure functions from figures to SVG text.

Each picture is plain (no script, no outside font), 360 units wide so that its words can be read on
a narrow screen and in print, says everything by shape and word as well as by colour, and carries a
title and a description that hold the same figures. A figure the disclosure check took out comes as
``None`` and is drawn as words, never as a bar of no length. The pictures of weighing come as
``Drawn``: with the same figures as a table.
"""

from __future__ import annotations

from equipoise.charts.bars import bars, funnel, part_of
from equipoise.charts.bump import bump
from equipoise.charts.calibration import calibration
from equipoise.charts.consensus import consensus_bars
from equipoise.charts.drawn import Drawn
from equipoise.charts.forest import Interval, forest
from equipoise.charts.histogram import histogram
from equipoise.charts.love import love_plot
from equipoise.charts.polls import shift_diagram, split_bars
from equipoise.charts.profile import ProfileLine, bearing, profile
from equipoise.charts.waterfall import waterfall

__all__ = [
    "Drawn",
    "Interval",
    "ProfileLine",
    "bars",
    "bearing",
    "bump",
    "calibration",
    "consensus_bars",
    "forest",
    "funnel",
    "histogram",
    "love_plot",
    "part_of",
    "profile",
    "shift_diagram",
    "split_bars",
    "waterfall",
]
