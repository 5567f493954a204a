#!/usr/bin/env python
"""Django's command line with ivle's settings. `manage.py up` starts everything."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, connection

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ivle.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as fault:
        sys.exit(f"ivle cannot start: {fault}")
    except OperationalError as fault:
        if connection.vendor != "sqlite":
            sys.exit(f"The database does not answer as it should: {' '.join(str(fault).split())}")
        if (settings.IVLE_DATA / "db.sqlite3").exists():
            raise
        sys.exit(
            f"There is no database in {settings.IVLE_DATA}. Start ivle first, or set IVLE_DATA as it was started with."
        )
