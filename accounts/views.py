"""The page of one's tokens: make one, see it once, revoke it."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.forms import TokenForm
from accounts.models import Person, Token
from accounts.tokens import TOKENS_MAX, TooManyTokens, make_token


@never_cache
@login_required
def tokens(request: HttpRequest) -> HttpResponse:
    person = cast(Person, request.user)
    form = TokenForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            context["made"] = make_token(person, form.cleaned_data["name"])
            context["form"] = TokenForm()
        except TooManyTokens:
            sentence = _("You have %(count)d tokens, and nobody may have more. Revoke one that you no longer need.")
            form.add_error(None, sentence % {"count": TOKENS_MAX})
    context["tokens"] = person.tokens.all()
    return render(request, "accounts/tokens.html", context)


@require_POST
@login_required
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(Token, pk=pk, person=request.user).delete()
    return redirect("tokens")
