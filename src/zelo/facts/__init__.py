"""Official tables as rows with source and dates: who authorises whom, where, within which limits, what a cStat means.

It decides nothing; it answers "what was in force on that day". A new rule of the authority is a new row, not new code.
"""
