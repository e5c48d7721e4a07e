"""The same system on virtual time with scripted people: years in minutes, the same record for the same seed."""
