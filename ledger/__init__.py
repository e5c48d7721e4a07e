"""The sealed record: pure chain and canonical form, and the ports through which it is kept."""
