"""Histories of carts made by chance, a model that knows the rules and not the app, and the app that plays them."""
