"""Office files become drafts: bytes -> text and tables -> files for an editor."""
