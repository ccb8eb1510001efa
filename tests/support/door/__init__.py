"""The door, run in front of a small application, and callers that behave badly."""
