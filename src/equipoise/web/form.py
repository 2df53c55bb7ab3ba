"""Forms: Django reads and checks what was typed; our macros show it, with each problem twice, at
the top and at its field."""

from __future__ import annotations

from typing import Any

from django import forms

from equipoise.errors import EquipoiseError
from equipoise.web.remedies import on_page


class Form(forms.Form):
    """A form of a page. Fields have no widget of their own here: the template says how they look.

    Say in each field's ``error_messages`` what to do, as "Enter your password".
    """

    use_required_attribute = False

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, auto_id="%s")

    def refuse(self, error: EquipoiseError) -> None:
        """Show an act's problems: at the field that a problem's ``clause`` names, or at the top."""
        for problem in map(on_page, error.problems):
            field = problem.clause if problem.clause in self.fields else None
            words = ". ".join(
                part[:1].upper() + part[1:].rstrip(".")
                for part in (problem.what, problem.why, problem.next)
                if part
            )
            self.add_error(field, f"{words} ({problem.code})")

    def value(self, name: str) -> Any:
        """Return what was typed, to show it again."""
        return self[name].value()

    def faults(self, name: str) -> list[str]:
        """Return what is wrong with one field."""
        return [str(one) for one in self.errors.get(name, [])] if self.is_bound else []

    def all_faults(self) -> list[tuple[str, str]]:
        """Return (field, words) of everything wrong, in the order of the page."""
        if not self.is_bound:
            return []
        first = [("", str(one)) for one in self.non_field_errors()]
        return first + [(name, one) for name in self.fields for one in self.faults(name)]


def words(needed: str, **options: Any) -> forms.CharField:
    """Return a field of words. ``needed`` is what is said when it is empty."""
    options.setdefault("max_length", 200)
    return forms.CharField(
        error_messages={
            "required": needed,
            "max_length": f"Use {options['max_length']} characters at most",
        },
        **options,
    )
