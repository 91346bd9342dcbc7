"""The content lint: what must hold before an article or a number goes out."""
