"""Platforms as local servers that behave as their specifications say."""
