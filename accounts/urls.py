"""Logging in and out, choosing and changing one's password, one's tokens."""

from __future__ import annotations

from django.contrib.auth import views
from django.urls import path, reverse_lazy

from accounts.forms import LoginForm
from accounts.views import revoke_token, tokens

urlpatterns = [
    path(
        "login/",
        views.LoginView.as_view(
            template_name="accounts/login.html", form_class=LoginForm, redirect_authenticated_user=True
        ),
        name="login",
    ),
    path("logout/", views.LogoutView.as_view(), name="logout"),
    path(
        "password/",
        views.PasswordChangeView.as_view(template_name="accounts/password_change.html"),
        name="password_change",
    ),
    path(
        "password/changed/",
        views.PasswordChangeDoneView.as_view(template_name="accounts/password_changed.html"),
        name="password_change_done",
    ),
    path(
        "password/set/<uidb64>/<token>/",
        views.PasswordResetConfirmView.as_view(
            template_name="accounts/password_set.html",
            post_reset_login=True,
            post_reset_login_backend="django.contrib.auth.backends.ModelBackend",
            success_url=reverse_lazy("home"),
        ),
        name="password_set",
    ),
    path("tokens/", tokens, name="tokens"),
    path("tokens/<int:pk>/revoke", revoke_token, name="revoke_token"),
]
