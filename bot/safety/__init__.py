"""Notice danger in a message and answer with fixed, reviewed cards. Local only."""
