"""Counts of the gateway, and the checks of web addresses."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("console", "0002_roles")]

    operations = [
        migrations.CreateModel(
            name="Link",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("url", models.URLField(max_length=500, unique=True)),
                ("state", models.CharField(blank=True, max_length=8)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("said", models.CharField(blank=True, max_length=80)),
                ("checked_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Count",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("day", models.DateField()),
                ("channel", models.CharField(max_length=16)),
                ("kind", models.CharField(max_length=12)),
                ("detail", models.CharField(blank=True, max_length=120)),
                ("number", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "channel", "kind", "detail"),
                        name="one_count_each",
                    )
                ],
            },
        ),
    ]
