"""Where things wait: SQLAlchemy tables on SQLite and PostgreSQL."""
