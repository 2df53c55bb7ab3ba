"""Weighing: what people hold for and against an initiative, before anything is signed.

The catalogue of what must be weighed, the cards, the questions, the assessment, the workshop and
the arithmetic of rankings and polls. Pure: no file but this package's own data, no clock, no
chance, no network. A verb that saves something stands in ``acts``.
"""
