"""The admin port: access control, health, metrics, the spool."""
