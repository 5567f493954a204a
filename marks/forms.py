"""The forms of marks: a mark by hand, conditions of an exercise, marking again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marks.models import WHY_MAX_CHARACTERS

WEIGHT_MAX = 10_000.0
POINTS_MAX = 10_000.0
LAST_YEAR = 2200


class HandForm(forms.Form):
    points = forms.FloatField(
        label=_("Points"),
        required=False,
        min_value=0,
        max_value=POINTS_MAX,
        help_text=_("Empty: the attempts count again."),
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    why = forms.CharField(
        label=_("Why?"), max_length=WHY_MAX_CHARACTERS, help_text=_("The student reads it, and it stays with the mark.")
    )


class AgainForm(forms.Form):
    why = forms.CharField(
        label=_("Why?"),
        max_length=WHY_MAX_CHARACTERS,
        help_text=_("Students whose mark changes read it, such as “test 3 expected the wrong sum”."),
    )


class ConditionsForm(forms.Form):
    weight = forms.FloatField(label=_("Weight"), required=False, min_value=0, max_value=WEIGHT_MAX)
    due = forms.DateTimeField(label=_("Due"), required=False)
    closes = forms.DateTimeField(label=_("Closes"), required=False)

    def __init__(self, *args: Any, title: str = "", **how: Any) -> None:
        super().__init__(*args, **how)
        moment = {"type": "datetime-local", "step": "60"}
        self.fields["weight"].widget = forms.NumberInput(attrs={"step": "any"})
        for name in ("due", "closes"):
            self.fields[name].widget = forms.DateTimeInput(attrs=moment, format="%Y-%m-%dT%H:%M")
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label}: {title}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        due, closes = cleaned.get("due"), cleaned.get("closes")
        for name, moment in (("due", due), ("closes", closes)):
            if moment and moment.year > LAST_YEAR:
                self.add_error(name, _("That is too far away. Leave it empty for never."))
        if due and closes and closes < due:
            self.add_error("closes", _("It closes before it is due."))
        return cleaned
