"""The forms of accounts, in ivle's words."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class LoginForm(AuthenticationForm):
    """It says the same about a wrong password and about a login name that nobody has."""

    error_messages = {  # noqa: RUF012  (declared an instance variable above us)
        "invalid_login": _("This login name and this password do not belong together. Capital letters count."),
        "inactive": _("This login name is switched off. Whoever runs ivle for your class can say why."),
    }


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What is it for?"),
        max_length=100,
        help_text=_("So that you know later which one to revoke: your laptop, a script."),
    )
