"""Questions that people asked, and files that offices sent."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("console", "0003_counts_links"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportedFile",
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
                ("name", models.CharField(max_length=200, verbose_name="File")),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("size", models.PositiveIntegerField()),
                ("by", models.CharField(max_length=150, verbose_name="By")),
                (
                    "made_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="Time"),
                ),
                ("title", models.TextField(blank=True)),
                ("number", models.CharField(blank=True, max_length=120)),
                ("text", models.TextField(blank=True)),
                ("notes", models.JSONField(default=list)),
                ("sections", models.JSONField(default=list)),
                ("refusal", models.TextField(blank=True)),
                (
                    "articles",
                    models.ManyToManyField(
                        related_name="originals", to="console.article"
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="originals",
                        to="console.legaldocument",
                    ),
                ),
            ],
            options={
                "ordering": ("-made_at",),
            },
        ),
        migrations.CreateModel(
            name="QuestionGroup",
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
                ("title", models.CharField(max_length=200, verbose_name="Question")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Chờ xử lý"),
                            ("writing", "Đã có bài"),
                            ("outside", "Ngoài phạm vi"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("by", models.CharField(blank=True, max_length=150, verbose_name="By")),
                (
                    "article",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="question_groups",
                        to="console.article",
                        verbose_name="article",
                    ),
                ),
            ],
            options={
                "verbose_name": "group of questions",
            },
        ),
        migrations.CreateModel(
            name="AskedQuestion",
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
                ("key", models.CharField(max_length=40, unique=True)),
                ("channel", models.CharField(max_length=16)),
                ("article", models.CharField(blank=True, max_length=120)),
                ("text", models.CharField(blank=True, max_length=200)),
                ("asked_at", models.DateTimeField()),
                (
                    "group",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="console.questiongroup",
                    ),
                ),
            ],
            options={
                "ordering": ("-asked_at",),
            },
        ),
    ]
