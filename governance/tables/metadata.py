"""What SQLAlchemy and Alembic know the tables by."""

from sqlalchemy import MetaData

metadata = MetaData()

ADDED_COLUMNS = {"countersigned", "schools", "wanted_role", "wanted_by", "subject_key"}
"""Columns that a step added to a table whose rows are logged by their digest: see `governance.records.row_digest`."""
