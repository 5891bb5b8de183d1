"""The billing file: columns, lines, composições, and the drafts that they amount to. Pure, fault by line and column."""
