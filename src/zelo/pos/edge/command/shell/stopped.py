"""How a command ends when it cannot go on."""


class StoppedError(RuntimeError):
    """Why a command cannot go on, in pt-BR."""
