"""Deliveries, runs, rows set aside, two runs compared."""
