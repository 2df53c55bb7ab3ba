"""What was entrusted under an agreement, sealed at rest.

Each table is one sealed file with a key of its own, so that one dataset can be erased and the rest
stay. ``put`` leaves the whole table or nothing; ``destroy`` ends the key first and then the file.
"""

from equipoise.holdings.records import DestroyedFile, Held
from equipoise.holdings.store import Holdings

__all__ = ["DestroyedFile", "Held", "Holdings"]
