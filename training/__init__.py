"""From hand-made labels to a model file, and from archives to scored tables."""
