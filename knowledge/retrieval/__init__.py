"""Search over the articles: Vietnamese as people type it, dated sources only."""
