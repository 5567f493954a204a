import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

ROLES = [("student", "student"), ("tutor", "tutor"), ("lecturer", "lecturer")]


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0004_environment"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RosterChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("login", models.CharField(max_length=150, verbose_name="login name")),
                ("before", models.CharField(blank=True, choices=ROLES, max_length=8, verbose_name="before")),
                ("after", models.CharField(blank=True, choices=ROLES, max_length=8, verbose_name="after")),
                (
                    "how",
                    models.CharField(
                        choices=[("hand", "by hand"), ("roster", "by a roster"), ("code", "by the code")],
                        max_length=6,
                        verbose_name="how",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="when"),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="roster_changes",
                        to="courses.course",
                        verbose_name="course",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of a roster",
                "verbose_name_plural": "changes of rosters",
                "ordering": ["-at", "-pk"],
            },
        ),
    ]
