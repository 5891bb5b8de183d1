"""What people type at the machine."""
