"""The WSGI application of one site."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections

from equipoise.acts.accounts.site_secret import derived, site_secret
from equipoise.acts.site import Site
from equipoise.store.connect import prepare
from equipoise.web import settings
from equipoise.web.opened import Opened, use
from equipoise.web.outside import Provider
from equipoise.web.site_settings import provider_settings

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def is_loopback(host: str) -> bool:
    """Say whether a host can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def settings_for(site: Site, hosts: Iterable[str]) -> dict[str, Any]:
    """Return Django's settings for serving a site under these host names."""
    fixed = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    key = derived(site_secret(site.directory), "django").hex()
    return {**fixed, "SECRET_KEY": key, "ALLOWED_HOSTS": [*LOOPBACK, *hosts]}


def opened_for(site: Site, *, invented: bool = False, proxied: bool = False) -> Opened:
    """Return a site as it is served, with the provider that it names."""
    said = provider_settings(site.directory)
    return Opened(site, invented, proxied, Provider(said) if said else None)


def make_application(opened: Opened, hosts: Iterable[str] = ()) -> WSGIHandler:
    """Make this process serve a site, and return what a WSGI server calls."""
    prepare()
    for quiet in ("django", "django.request", "django.security"):
        # Django would log an error with its message. ``refusals`` logs where it was, and no more.
        logging.getLogger(quiet).addHandler(logging.NullHandler())
        logging.getLogger(quiet).propagate = False
    for name, value in settings_for(opened.site, hosts).items():
        setattr(django_settings, name, value)
    # A connection lives as long as its thread: opening one costs more than most answers.
    connections.settings[opened.site.store.alias]["CONN_MAX_AGE"] = None
    use(opened)
    return WSGIHandler()
