"""Print the page of what must be weighed, and where in the product each item lives.

python -m equipoise.weigh.catalogue > docs/explanation/catalogue.md
"""

from equipoise.weigh.catalogue.table import page

print(page(), end="")
