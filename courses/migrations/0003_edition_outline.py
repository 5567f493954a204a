from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0002_newcomers_and_guesses"),
    ]

    operations = [
        migrations.AddField(
            model_name="edition",
            name="outline",
            field=models.JSONField(editable=False, null=True),
        ),
    ]
