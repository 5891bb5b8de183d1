"""The folder interface of Ceará's Integrador Fiscal: requests as XML files in Input, answers in Output.

It decides which file asks what and how an answer is written; it must not speak to the Validador Fiscal, which Sefaz-CE
switched off, nor answer a file twice.
"""
