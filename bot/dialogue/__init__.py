"""The Rasa dialogue: domain, examples, rules, and its own components."""
