"""The evaluations, one a file: each has an EVAL, whose name is the file's."""
