"""Who may do what to which company: accounts, roles, sessions, keys, companies, establishments, certificates, audit.

It decides whether a person may act (`may`, in one place) and keeps secrets sealed; it knows nothing of documents.
"""
