"""`{% cpu_meter %}`: what somebody had today, for their own pages. `{% cpu_notice %}`: a strip that is seen only when
it matters, and looks again by itself. `{% cpu_state %}`: a sentence, where their programs wait for others.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context
from django.urls import reverse

from accounts.models import Person
from allowances import access, deciding, words
from allowances.meter import Meter, meter_of

register = template.Library()


@register.inclusion_tag("allowances/meter.html", takes_context=True)
def cpu_meter(context: Context) -> dict[str, Any]:
    return told(context)


@register.inclusion_tag("allowances/notice.html", takes_context=True)
def cpu_notice(context: Context) -> dict[str, Any]:
    return told(context)


@register.inclusion_tag("allowances/notice.html")
def cpu_notice_later() -> dict[str, Any]:
    """The same strip, which asks once its page is there: for pages that a whole class opens at once."""
    return {"is_later": True}


@register.inclusion_tag("allowances/state.html", takes_context=True)
def cpu_state(context: Context) -> dict[str, Any]:
    return told(context)


@register.simple_tag(takes_context=True)
def cpu_waiting(context: Context) -> int:
    """How many wait for an answer of theirs."""
    person = context.get("user")
    return deciding.open_for(person).count() if isinstance(person, Person) and access.may_decide_any(person) else 0


@register.simple_tag(takes_context=True)
def decides_cpu(context: Context) -> bool:
    """Is there a page of requests for whoever looks?"""
    person = context.get("user")
    return isinstance(person, Person) and access.may_decide_any(person)


def told(context: Context) -> dict[str, Any]:
    """Nothing of who is not logged in."""
    person = context.get("user")
    if not isinstance(person, Person):
        return {}
    meter = meter_of(person)
    request = context.get("request")
    return {
        "meter": meter,
        "today": words.today(meter),
        "state": words.state(meter),
        "share": share(meter),
        "is_here": request is not None and request.path == reverse("usage"),
    }


def share(meter: Meter) -> str:
    """Of the bar, 0 to 1, as HTML wants a number."""
    used = meter.counted_seconds / meter.allowed_seconds if meter.allowed_seconds > 0 else 1.0
    return f"{min(1.0, used):.3f}"
