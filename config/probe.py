"""Some questions of /halsa/redo, for a container without pages: `python -m config.probe beat`."""

import os
import sys

import django


def main(names: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from config.health import CHECKS

    return int(not all(CHECKS[name]() for name in names))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
