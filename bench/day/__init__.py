"""A shop's day: what a hundred stores send on an everyday evening, and a store that can be asked about it."""
