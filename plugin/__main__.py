"""Lets `python -m plugin <command>` run."""

from plugin.commands import main

if __name__ == "__main__":
    main()
