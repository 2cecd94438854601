"""Archives: batch scoring in parts that can be killed at any moment and loses no row."""
