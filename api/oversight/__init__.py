"""Approvals, the run log, access, use of a department's records, statistics, quality, papers."""
