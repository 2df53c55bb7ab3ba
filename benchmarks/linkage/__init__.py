"""Linkage measured beside its peers: the same records and fields, each a process of its own.

``python -m benchmarks.linkage`` prepares each set once (:mod:`.sets`, :mod:`.city_files`), runs
every system on it in turn (:mod:`.measure`), scores what each wrote against truth that no system
was given (:mod:`.score`) and writes the figures (:mod:`.report`).
"""
