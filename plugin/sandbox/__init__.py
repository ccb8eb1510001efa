"""Pretend stores and a pretend SendPulse for make run, tests and benchmarks; never served in production."""
