"""The commands of the command line, one file each; `starter.py` puts them together."""
