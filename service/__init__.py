"""Themes of the Indonesian civil service in news: the HTTP service."""
