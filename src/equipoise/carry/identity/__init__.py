"""Identities that persist: who is who across deliveries, when the agreement says so.

    register = empty_register("person", encodings)
    register, taken = deliver(register, batches, at=now, draw=secrets.token_bytes,
                              matcher=exact_matcher(columns))
    register = merge(register, 3, 8, at=now, actor="linkage unit", reason="one number, two cards")
    state = replay(register, moment)        # who was who on that day

Pure: tables in, tables and events out. Time and randomness are passed in, and no key is seen here.
"""

from __future__ import annotations

from equipoise.carry.identity.decisions import (
    apart,
    forget,
    keep_apart,
    merge,
    open_proposals,
    split,
    undo,
)
from equipoise.carry.identity.deliver import Batch, deliver
from equipoise.carry.identity.history import history, links, members, replay
from equipoise.carry.identity.match import PAIRS, Matcher, exact_matcher, matcher_of
from equipoise.carry.identity.register import Draw, Register, empty_register
from equipoise.carry.identity.report import DatasetTaken, Taken
from equipoise.carry.identity.resolve import Resolution

__all__ = [
    "PAIRS",
    "Batch",
    "DatasetTaken",
    "Draw",
    "Matcher",
    "Register",
    "Resolution",
    "Taken",
    "apart",
    "deliver",
    "empty_register",
    "exact_matcher",
    "forget",
    "history",
    "keep_apart",
    "links",
    "matcher_of",
    "members",
    "merge",
    "open_proposals",
    "replay",
    "split",
    "undo",
]
