"""`python -m knowledge.console COMMAND`: Django's commands with our settings."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "knowledge.console.settings")
    execute_from_command_line(["python -m knowledge.console", *sys.argv[1:]])
