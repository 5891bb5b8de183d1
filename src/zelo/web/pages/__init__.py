"""What people see, one file per subject: each reads a form or a path, calls the rooms and renders; none decides."""
