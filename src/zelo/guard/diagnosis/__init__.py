"""Who caused a block: reads what any program has sent and received, and names the note, the counts and the program.

It decides from the documents alone: no database, no clock, no file; whoever has files hands their bytes.
"""
