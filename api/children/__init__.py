"""The list of changes, a child's page, finding a child, emergency access; and the run they read, in memory."""
