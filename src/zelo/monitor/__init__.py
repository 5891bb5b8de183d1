"""Where every document stands, and how the authorizers have been answering.

It decides how a state is told to people; it must not move a document, and what it shows is always a projection.
"""
