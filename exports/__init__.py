"""What is taken out of an office: tables, event logs and reports, made from the sealed entries alone."""
