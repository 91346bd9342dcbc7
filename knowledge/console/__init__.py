"""The staff console: Wagtail snippets over the knowledge, published as snapshots.

A process of its own; the bot knows it only through the folder of snapshots.
"""
