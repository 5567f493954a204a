from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="deed",
            name="what",
            field=models.CharField(
                choices=[
                    ("ended", "ended all programs"),
                    ("guests on", "let guests come"),
                    ("guests off", "let no guests come, and ended theirs"),
                    ("guests ended", "ended all programs of guests"),
                ],
                max_length=12,
                verbose_name="what",
            ),
        ),
    ]
