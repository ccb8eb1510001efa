"""shops."""
