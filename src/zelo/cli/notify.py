"""`zelo notify test`: a mail sent now, past the outbox, and what the server said to it in one sentence."""

from zelo.cli.screen import complain, plain, say
from zelo.fiscal.identity import CHANCE_BYTES, new_id
from zelo.flow import postman
from zelo.flow.tools import Tools
from zelo.notify import letter
from zelo.notify.core import WRONG_ADDRESS, Letter, good_address
from zelo.notify.delivery import Outcome
from zelo.notify.shell import smtp


class NotifyError(RuntimeError):
    """Nothing can be sent at all; the message says why, in pt-BR."""


def test(tools: Tools, typed: str) -> int:
    """Send it; 1 when the server did not take it. Raises NotifyError."""
    server, address, now = postman.server_of(tools.settings), good_address(typed), tools.clock()
    if server is None:
        raise NotifyError("O e-mail não está configurado: diga smtp_host e smtp_sender (docs/reference/settings.md).")
    if address is None:
        raise NotifyError(WRONG_ADDRESS)
    sender = letter.sender_of(tools.settings.smtp_sender)
    mail_id = new_id(now, tools.chance(CHANCE_BYTES))
    message = letter.message(
        _greeting(tools), mail_id=mail_id, sender=sender, address=address, name="", at=now,
        url=tools.settings.public_url,
    )  # fmt: skip
    answer = smtp.send(server, sender=sender.addr_spec, address=address, message=message)
    if answer.outcome is not Outcome.DELIVERED:
        complain(answer.said)
        return 1
    say(f"{plain(answer.said)} Confira a caixa de {plain(address)}, também a de spam.")
    return 0


def _greeting(tools: Tools) -> Letter:
    return Letter(
        subject="[zelo] Teste de aviso",
        company="Teste",
        ambiente=tools.ambiente.rotulo,
        headline="Os avisos por e-mail chegam",
        lines=(("Este e-mail foi pedido por zelo notify test.", "/"),),
        more=0,
        advice="Nada: se você o lê, o servidor de e-mail está bem configurado.",
        path="/",
    )
