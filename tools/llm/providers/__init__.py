"""The vendors of models, one file each."""
