"""Rasa graph components; Python 3.10, like Rasa itself."""
