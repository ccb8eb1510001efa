"""The deliveries as merchants read, search, count and replay them. Stands on `queue`, `shops` and `db`."""
