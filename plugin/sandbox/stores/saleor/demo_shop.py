"""The shop of the demo, one that has not installed the app yet, and the name this store goes by."""

from typing import Final

NAME: Final = (__package__ or "").rpartition(".")[2]  #: the folder's name, and the platform's: also the word in its addresses
LABEL: Final = NAME.capitalize()

DEMO: Final = "Demo"
NEWCOMER: Final = "Newcomer"

CHECKOUT_PATH: Final = "/{locale}/checkout"  #: of the storefront; which checkout stands behind it: ?checkout=<its id>
