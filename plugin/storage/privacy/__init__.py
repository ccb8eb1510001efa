"""What is deleted, because a person asks or because it is old. Stands on every other room."""
