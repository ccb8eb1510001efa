"""Benchmarks: ratios between this product and what its parts can do, measured in one run."""
