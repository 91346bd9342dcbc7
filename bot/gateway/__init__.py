"""The public process: channels in, danger assessed, replies out."""
