"""What one cluster does on Temporal: one workflow, the activities it asks for, and nothing that touches a disk."""
