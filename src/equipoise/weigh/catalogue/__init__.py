"""What must be weighed, as data: 132 items with the lines of the founding report that say them.

``catalogue()`` is the list as shipped; ``extended`` adds a site's own YAML to it, and
``with_addition`` adds its cards and questions too. ``python -m equipoise.weigh.catalogue`` prints
every item and where in the product it lives.
"""

from equipoise.weigh.catalogue.addition import Lists, extended, shipped_lists, with_addition
from equipoise.weigh.catalogue.items import catalogue
from equipoise.weigh.catalogue.model import GROUPS, Catalogue, Group, Item

__all__ = [
    "GROUPS",
    "Catalogue",
    "Group",
    "Item",
    "Lists",
    "catalogue",
    "extended",
    "shipped_lists",
    "with_addition",
]
