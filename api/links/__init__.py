"""Link review."""
