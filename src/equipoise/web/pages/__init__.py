"""The views, one module for each part of the site. A view asks an act and shows what it says."""
