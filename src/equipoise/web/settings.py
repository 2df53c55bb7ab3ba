"""Django's settings for the web application, beside those of the store. What belongs to one site,
such as its secret key, is set when the site is opened (``application``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

ROOT_URLCONF = "equipoise.web.urls"
MIDDLEWARE: Final = [
    "equipoise.web.assets.Assets",
    "equipoise.web.headers.Headers",
    "equipoise.web.refusals.Refusals",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "equipoise.web.doors.Doors",
]
TEMPLATES: Final[list[dict[str, Any]]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [str(Path(__file__).parent / "templates")],
        "OPTIONS": {"environment": "equipoise.web.templating.environment"},
    }
]
USE_I18N = False
USE_X_FORWARDED_HOST = False
APPEND_SLASH = False

CSRF_COOKIE_NAME = "form"
CSRF_COOKIE_AGE = None  # until the browser is closed
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"  # held by whoever comes from elsewhere too, or their forms would fail
CSRF_FAILURE_VIEW = "equipoise.web.refusals.form_not_ours"

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000  # a million characters, as a browser encodes them
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_HANDLERS: Final = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FORM_RENDERER = "django.forms.renderers.Jinja2"

LOGGING_CONFIG = None
"""Django logs an error with its message, which may quote a row. ``refusals`` logs instead."""
