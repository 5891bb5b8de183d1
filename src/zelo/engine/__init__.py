"""What we run on: tables, transactions, claims, periodic jobs, migrations, on SQLite or PostgreSQL.

It decides how a row is kept, never what it means. The same statements run on both databases; what differs is one small
class each (embedded, cluster), held to one contract by one set of tests.
"""
