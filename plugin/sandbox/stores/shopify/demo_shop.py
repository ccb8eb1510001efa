"""The shop of the demo, one that has not installed the app yet, and the name this store goes by."""

from typing import Final

NAME: Final = (__package__ or "").rpartition(".")[2]  #: the folder's name, and the platform's: also the word in its addresses
LABEL: Final = NAME.capitalize()

ADDRESS: Final = "demo.myshopify.com"
NEWCOMER: Final = "newcomer.myshopify.com"
TOKEN: Final = "shpat_demo_0123456789abcdef"  # noqa: S105 only the pretend Shopify takes it
