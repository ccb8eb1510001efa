"""The database itself: engine, tables, migrations, keys, and what statements are built from. Knows no other room.

Statements are module constants named by a verb and a noun (`SELECT_WAITING_FOR_UPDATE`, `MARK_SENDING`): putting one
together costs SQLAlchemy more than running it. Those of one table alone are made by a cached function of that table.
"""
