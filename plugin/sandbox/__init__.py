"""A pretend SendPulse, Shopify and Saleor for make run, tests and benchmarks; never served in production."""
