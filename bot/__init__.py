"""The assistant: safety, gateway, dialogue and widget."""
