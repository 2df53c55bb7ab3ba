"""Identifiers become keyed tokens, on the owner's machine, before anything is packed.

``standardise`` writes each type of value in one form, ``transforms`` takes parts of it, ``encode``
makes the tokens by which a linkage unit can tell that two rows are about the same person without
learning who that is, and ``payload`` is what goes the other way. Tokens are pseudonyms, not
anonymity: whoever has the key can make the token of any name.
"""

from equipoise.carry.encode.standardise import standardise
from equipoise.carry.encode.tokens import TOKEN, Hasher, encode, payload, token_label

__all__ = ["TOKEN", "Hasher", "encode", "payload", "standardise", "token_label"]
