"""The commands: thin shells that open the house, call a room, and say what happened in pt-BR.

They decide nothing; every error that a person can cause ends in one sentence and an exit code.
"""
