"""The forms of CPU. What they are asked for is done by asking.py, deciding.py and exams.py."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from allowances.access import asked_in
from allowances.asking import DAY_MAX_SECONDS
from allowances.models import PROGRAM_MAX_CHARACTERS, REASON_MAX_CHARACTERS, What
from courses.models import Course

MINUTE = 60
WISHES = [(What.DAY, _("today")), (What.RUN, _("one run of a program"))]


class ChooseCourse(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Course) -> str:
        return obj.title


class Minutes(forms.IntegerField):
    """What it gives is seconds."""

    def __init__(self, **how: Any) -> None:
        super().__init__(min_value=1, max_value=DAY_MAX_SECONDS // MINUTE, **how)

    def clean(self, value: Any) -> int | None:
        minutes: int | None = super().clean(value)
        return None if minutes is None else minutes * MINUTE


class Lines(forms.CharField):
    """A few lines of text."""

    def __init__(self, **how: Any) -> None:
        super().__init__(max_length=REASON_MAX_CHARACTERS, widget=forms.Textarea(attrs={"rows": 3}), **how)


class AskForm(forms.Form):
    what = forms.ChoiceField(label=_("What for"), choices=WISHES)
    seconds = Minutes(label=_("Minutes of CPU"), initial=30)
    program = forms.CharField(
        label=_("The program"),
        max_length=PROGRAM_MAX_CHARACTERS,
        required=False,
        help_text=_("For one run: its path in your files, such as lab4/simulate.py. It then runs in a console."),
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "off"}),
    )
    course = ChooseCourse(Course.objects.none(), label=_("Ask the staff of"), empty_label=None)
    reason = Lines(label=_("What you need it for"))

    def __init__(self, person: Person, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        courses = asked_in(person)
        count = courses.count()
        if count < 2:
            del self.fields["course"]
        else:
            self.fields["course"].queryset = courses  # type: ignore[attr-defined]
        self.only = courses.first() if count == 1 else None

    def wish(self) -> dict[str, Any]:
        """As asking.ask takes it."""
        found = dict(self.cleaned_data)
        return {**found, "what": What(found["what"]), "course": found.get("course", self.only)}


class AnswerForm(forms.Form):
    seconds = Minutes(label=_("Minutes"), required=False)
    answer = forms.CharField(
        label=_("Words to them"), max_length=REASON_MAX_CHARACTERS, required=False, widget=forms.TextInput()
    )


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class ExamForm(forms.Form):
    starts = forms.DateTimeField(label=_("It starts"), widget=MomentInput())
    ends = forms.DateTimeField(label=_("It ends"), widget=MomentInput())
