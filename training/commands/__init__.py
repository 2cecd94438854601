"""The verbs of the command line that are not serving; each imports its part when it is called."""
