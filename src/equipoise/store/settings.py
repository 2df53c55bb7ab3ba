"""Django's settings for the store alone. A site's own database is connected under its own alias."""

SECRET_KEY = ""  # nothing here signs with it; the keys of a site are in ``keys``
INSTALLED_APPS = ["equipoise.store"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
