"""Three roles, one workflow; what Wagtail brings of its own goes.

Rights are named as Django names them, and made here: Django itself would make them
only after the last migration.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

from knowledge.console.words import words

RECORDS = ("article", "legaldocument", "directoryentry")
_WRITE = [f"console.{deed}_{name}" for name in RECORDS for deed in ("add", "change")]
_WITHDRAW = [f"console.withdraw_{name}" for name in RECORDS]
_EDITOR = ["wagtailadmin.access_admin", *_WRITE]
_REVIEWER = [*_EDITOR, *_WITHDRAW, "console.correct_number", "console.roll_back"]
_USERS = ["auth.add_user", "auth.change_user", "auth.delete_user"]
_DELETE = [f"console.delete_{name}" for name in RECORDS]
_UNLOCK = [f"console.{deed}_{name}" for name in RECORDS for deed in ("lock", "unlock")]
RIGHTS = {
    "editor": _EDITOR,
    "reviewer": [*_REVIEWER, *_UNLOCK],
    "admin": [*_REVIEWER, *_UNLOCK, *_DELETE, *_USERS],
}
_MODELS = {"access_admin": "admin", "correct_number": "directoryentry"}
_MODELS["roll_back"] = "publishing"


def make(apps: Any, schema_editor: Any) -> None:
    """Make groups, rights, task and workflow; remove Wagtail's examples."""
    group = apps.get_model("auth", "Group")
    for model in ("WorkflowPage", "WorkflowTask", "Workflow", "GroupApprovalTask"):
        apps.get_model("wagtailcore", model).objects.all().delete()
    apps.get_model("wagtailcore", "Task").objects.all().delete()
    group.objects.filter(name__in=("Editors", "Moderators")).delete()
    groups = {}
    for role, rights in RIGHTS.items():
        groups[role] = group.objects.create(name=words()["roles"][role])
        groups[role].permissions.set([_right(apps, name) for name in rights])
    _workflow(apps, groups["reviewer"])


def _right(apps: Any, name: str) -> Any:
    app, code = name.split(".")
    model = _MODELS.get(code) or code.split("_", 1)[1]
    kinds = apps.get_model("contenttypes", "ContentType").objects
    kind, _made = kinds.get_or_create(app_label=app, model=model)
    rights = apps.get_model("auth", "Permission").objects
    right, _made = rights.get_or_create(
        content_type=kind, codename=code, defaults={"name": code}
    )
    return right


def _workflow(apps: Any, reviewers: Any) -> None:
    kinds = apps.get_model("contenttypes", "ContentType").objects
    of_task, _made = kinds.get_or_create(app_label="console", model="secondpersontask")
    task = apps.get_model("console", "SecondPersonTask").objects.create(
        name=words()["task"], active=True, content_type_id=of_task.pk
    )
    task.groups.add(reviewers)
    core = {name: apps.get_model("wagtailcore", name).objects for name in _TABLES}
    workflow = core["Workflow"].create(name=words()["workflow"], active=True)
    core["WorkflowTask"].create(
        workflow=workflow, task_id=task.task_ptr_id, sort_order=0
    )
    for name in RECORDS:
        kind, _made = kinds.get_or_create(app_label="console", model=name)
        core["WorkflowContentType"].create(workflow=workflow, content_type_id=kind.pk)


_TABLES = ("Workflow", "WorkflowTask", "WorkflowContentType")


class Migration(migrations.Migration):
    """After all of Wagtail's own."""

    dependencies = [
        ("console", "0001_initial"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("wagtailusers", "0001_initial"),
        ("wagtailimages", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
