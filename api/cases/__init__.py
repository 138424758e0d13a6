"""What the team does: its cases."""
