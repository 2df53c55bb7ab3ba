"""The Django application that owns the tables."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """The store's tables."""

    name = "equipoise.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
