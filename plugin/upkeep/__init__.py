"""The duties around the path."""
