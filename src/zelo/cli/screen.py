"""What the terminal shows: one console for words, one for errors."""

from typing import Final

from rich.console import Console

out: Final = Console(highlight=False)
err: Final = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """A line for whoever runs the command."""
    out.print(text)


def complain(text: str) -> None:
    """A line that tells what went wrong and what to do."""
    err.print(f"[bold red]Erro:[/] {text}")
