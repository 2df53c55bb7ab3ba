"""Templates: our own, and the macros of GOV.UK Frontend; and how a page is made of one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.urls import reverse
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader

from equipoise.account.tell import day_text, time_text
from equipoise.account.wording import upper_first
from equipoise.web.assets import asset
from equipoise.web.notices import seen
from equipoise.web.opened import current
from equipoise.web.pictures import as_picture
from equipoise.web.remedies import leads_to, on_page
from equipoise.web.request import who_asks

_GOVUK: Final = PackageLoader("govuk_frontend_jinja")


@lru_cache(maxsize=4096)
def _url(name: str, /, **parts: Any) -> str:
    return reverse(name, kwargs=parts or None)


def environment(**options: Any) -> Environment:
    """Return the Jinja environment. ``StrictUndefined`` cannot be: the macros leave parts out."""
    own = options.pop("loader")
    made = Environment(  # noqa: S701  # Django passes autoescape=True
        loader=ChoiceLoader([own, PrefixLoader({"govuk_frontend_jinja": _GOVUK})]),
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
    made.globals.update(asset=asset, url=_url)
    made.filters.update(
        day=day_text, moment=time_text, first=upper_first, picture=as_picture, stop=_stop
    )
    made.filters.update(on_page=on_page, leads_to=leads_to)
    return made


def _stop(text: str) -> str:
    """Return a text as a sentence: a capital first and a full stop last."""
    said = upper_first(text)
    return said if said.endswith((".", "?", "!")) else f"{said}."


def page(
    request: HttpRequest,
    template: str,
    /,
    *,
    status: int = 200,
    **shown: Any,
) -> HttpResponse:
    """Return a page. Templates know ``site``, ``person`` (or ``None``), ``navigation`` and
    ``notice`` besides what is ``shown``."""
    from equipoise.web.navigation import navigation

    notice = seen(request)
    known: Mapping[str, Any] = {
        "site": current().site,
        "person": who_asks(request),
        "navigation": navigation(request),
        "notice": notice,
    }
    text = loader.render_to_string(template, {**known, **shown}, request=request)
    response = HttpResponse(text, status=status)
    if notice:
        response.delete_cookie("notice", path="/", samesite="Strict")
    return response
