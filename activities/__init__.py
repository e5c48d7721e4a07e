"""What the workflows ask for, done: thin classes around what they are given."""
