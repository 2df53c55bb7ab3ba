"""Checked tables as static pictures: pure functions from figures to SVG text.

Each picture is plain (no script, no outside font), 360 units wide so that its words can be read on
a narrow screen and in print, says everything by shape and word as well as by colour, and carries a
title and a description that hold the same figures. A figure the disclosure check took out comes as
``None`` and is drawn as words, never as a bar of no length.
"""

from __future__ import annotations

from equipoise.charts.bars import bars, funnel
from equipoise.charts.calibration import calibration
from equipoise.charts.forest import Interval, forest
from equipoise.charts.histogram import histogram
from equipoise.charts.love import love_plot
from equipoise.charts.waterfall import waterfall

__all__ = [
    "Interval",
    "bars",
    "calibration",
    "forest",
    "funnel",
    "histogram",
    "love_plot",
    "waterfall",
]
