"""What Alembic runs: the migrations, on the connection `plugin.storage.db.migrate` brings."""

from alembic import context

from plugin.storage.db.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
