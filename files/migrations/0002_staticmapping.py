from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="StaticMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(blank=True, max_length=512, verbose_name="address")),
                ("path", models.CharField(blank=True, max_length=12288, verbose_name="path")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="static_mappings",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={"verbose_name": "static mapping", "verbose_name_plural": "static mappings"},
        ),
        migrations.AddConstraint(
            model_name="staticmapping",
            constraint=models.UniqueConstraint(fields=("person", "address"), name="files_one_mapping_per_address"),
        ),
    ]
