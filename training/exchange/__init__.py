"""Labelled texts in the formats of other tools: one shape for all of them, and one small module a family."""
