"""Lets `python -m plugin <command>` run, and the installed command too."""

import sys


def main() -> None:
    """Run the command line; the worker's waiting is shared out by gevent, which must come before every other import."""
    if sys.argv[1:2] == ["worker"]:
        from gevent import monkey

        monkey.patch_all()
    from plugin.commands import main as commands

    commands()


if __name__ == "__main__":
    main()
