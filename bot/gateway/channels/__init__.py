"""One module a channel: verify, parse, render."""
