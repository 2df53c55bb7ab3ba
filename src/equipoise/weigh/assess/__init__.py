"""The assessment: what people hold of an initiative or of the draft of an agreement, and why.

Red lines first, those that the text itself answers and those that people judge; then benefits and
risks by size, likelihood and on whom; the seven factors; the three tests. Several people answer,
each for themselves; what comes of it is a profile with its spread, and never one score.
"""
