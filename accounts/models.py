"""People. A person's login name is also the name of their folder and the user name their programs see."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LOGIN_NAME_PATTERN = r"\A[a-z][a-z0-9_-]{0,31}\Z"


class PersonManager(BaseUserManager["Person"]):
    """Makes people; `createsuperuser` calls `create_superuser`. The login name is checked here, not in forms only."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Person:
        """Raises ValidationError for a login name that cannot be a folder's."""
        person = self.model(username=username, **fields)
        person.set_password(password)
        person.clean_fields(exclude={"password"})
        person.save(using=self._db)
        return person

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> Person:
        return self.create_user(username, password, **{**fields, "is_staff": True, "is_superuser": True})


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who can log in. Staff may open the administration; a superuser may do everything there."""

    username = models.CharField(
        _("login name"),
        max_length=32,
        unique=True,
        help_text=_("At most 32 of a-z, 0-9, _ and -, beginning with a letter. It is also the name of the folder."),
        validators=[RegexValidator(LOGIN_NAME_PATTERN, _("At most 32 of a-z, 0-9, _ and -, beginning with a letter."))],
        error_messages={"unique": _("Somebody has this login name already.")},
    )
    name = models.CharField(_("name"), max_length=150, blank=True)
    email = models.EmailField(_("email address"), blank=True)
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May open the administration."))
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Off: may not log in; nothing is deleted."))
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering: ClassVar[list[str]] = ["username"]

    def __str__(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        return self.name or self.username

    def get_short_name(self) -> str:
        return self.get_full_name()


class Token(models.Model):
    """Lets a program act as a person. Only a hash of it is kept: tokens.py makes and knows them."""

    person = models.ForeignKey(Person, verbose_name=_("person"), on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("what it is for"), max_length=100)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made = models.DateTimeField(_("made"), auto_now_add=True)
    last_used = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        ordering: ClassVar[list[str]] = ["-made"]

    def __str__(self) -> str:
        return f"{self.person}: {self.name}"
