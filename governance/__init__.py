"""Approvals, the run log and its proofs, custody of keys and artefacts, run life and accounts."""
