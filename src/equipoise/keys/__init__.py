"""The keys, held as files that one role alone may read.

A ``KeyStore`` is one directory, and each role has its own: owners, linkage unit, secure room, each
signatory, the site. It holds Ed25519 signing keys, age identities, roots, and one random salt for
each agreement and version. Every working key is derived from a root and that salt, so destroying
the salt ends every key ever made from it. A secret never appears in a ``repr``, a message or a
pickle.
"""

from equipoise.keys.files import Destroyed, Kind, key_id_for
from equipoise.keys.sealing import Seal, SealStream, Unseal, seal_stream_to, seal_to
from equipoise.keys.secrets import Hasher, Secret
from equipoise.keys.store import KeyStore

__all__ = [
    "Destroyed",
    "Hasher",
    "KeyStore",
    "Kind",
    "Seal",
    "SealStream",
    "Secret",
    "Unseal",
    "key_id_for",
    "seal_stream_to",
    "seal_to",
]
