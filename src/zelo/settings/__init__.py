"""One table of settings: name, type, unit, default, scope and sentence.

It decides where a value comes from and refuses what does not parse; rooms receive values and never look here.
"""
