"""The audit report: what the sealed entries of each cluster say, as pages for people, in either language."""
