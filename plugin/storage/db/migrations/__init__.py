"""How a database came to its tables: see versions/, one step a file."""
