"""The paper of documents."""
