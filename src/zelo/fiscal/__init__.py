"""The words of the field, pure: chave, CNPJ, money, instants, faults, rules.

It decides what such a word looks like and nothing else; it knows no table, no database and no clock.
"""
