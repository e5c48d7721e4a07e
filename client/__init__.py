"""How people and programs reach the clusters: connect, sign, send, and be told the truth about the outcome."""
