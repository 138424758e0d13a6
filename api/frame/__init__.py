"""What every page and every answer to a program has in common.

Who asks, what is allowed, how it is shown, and what is said when it fails.
"""
