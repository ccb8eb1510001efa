"""Long searches: a million inputs that nobody thought of, each followed to a clear answer."""
