"""The knowledge base: articles, documents, directory, and their retrieval."""
