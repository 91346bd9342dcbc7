"""Custom actions of the dialogue, one a file."""
