"""The only room with databases, mail, HTTP and files: one module per outside thing."""
