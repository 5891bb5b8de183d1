"""The same acts for programs: JSON in, JSON out, faults instead of pages. It decides nothing that the pages do not."""
