"""Alembic's entry: run the revisions on the connection that :func:`farthing.state.database.migrate` hands over."""

from alembic import context

from farthing.state.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
