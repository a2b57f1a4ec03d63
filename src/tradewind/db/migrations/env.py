"""Read by Alembic: runs the revisions on the connection that `tradewind.db.migrate` hands over, each in its own transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
bind = context.config.attributes["connection"]
bind.exec_driver_sql("SET lock_timeout = '5s'")
bind.commit()
with context.begin_transaction():
    context.run_migrations()
