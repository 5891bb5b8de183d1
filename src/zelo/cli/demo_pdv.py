"""`zelo demo-pdv`: a shop on this machine: four tills, three devices, gateway and centre; a device dies and returns.

The end is proven against what the gateway cannot touch: the devices' own memories and the centre's account.
"""

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.console import Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table

from zelo.cli.screen import complain, out, plain, say
from zelo.cli.shop import Shop
from zelo.fiscal import money
from zelo.pos.edge.command.shell.ask import read_token
from zelo.pos.edge.command.shell.stopped import StoppedError

FOLDER: Final = Path("demo-pdv-data")
MARKER: Final = ".zelo-demo-pdv"
SEED: Final = 7
DYING_AT_SECONDS: Final = 8.0
BACK_AFTER_SECONDS: Final = 8.0
SELLING_SECONDS: Final = 26.0
SETTLING_SECONDS: Final = 60.0
FRAME_SECONDS: Final = 0.4
_MOST_EVENTS: Final = 9
_FISCAL: Final = "fiscal"


class DemoPdvError(RuntimeError):
    """The demo cannot run here; the message says why in pt-BR."""


@dataclass
class Story:
    """What has happened, as the screen tells it."""

    begun: float = field(default_factory=time.monotonic)
    events: list[str] = field(default_factory=list)
    had_doubt: bool = False
    resolved: bool = False

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self.begun

    def tell(self, sentence: str) -> None:
        """A line more."""
        self.events.append(f"[dim]{self.seconds:5.1f} s[/]  {sentence}")


def run(*, once: bool, stop: threading.Event) -> int:
    """Run the show; 0 when devices and centre prove it well. Without `once` the shop stays on until stopped."""
    folder, story = _fresh_folder(), Story()
    try:
        with Shop(folder) as shop:
            say("Ligando três equipamentos, a central e o gateway…")
            shop.open()
            address, token = f"http://127.0.0.1:{shop.web}", read_token(shop.config)
            say(f"Página do gateway em [bold]{address}[/], token [bold]{plain(token)}[/].")
            shop.sell(SEED)
            story.begun = time.monotonic()
            with Live(console=out, refresh_per_second=8, transient=False) as live:
                _show(shop, story, live, stop)
            return _end(shop, address, once=once, stop=stop) if story.had_doubt else _no_doubt()
    except (RuntimeError, StoppedError) as error:
        raise DemoPdvError(str(error)) from error


def _show(shop: Shop, story: Story, live: Live, stop: threading.Event) -> None:
    """Sales, the death of a device, its return, the end of the doubt; then rest."""
    acts: list[tuple[float, Callable[[], None]]] = [
        (DYING_AT_SECONDS, lambda: _die(shop, story)),
        (DYING_AT_SECONDS + BACK_AFTER_SECONDS, lambda: _return(shop, story)),
        (SELLING_SECONDS, lambda: _rest(shop, story)),
    ]
    story.tell("Os quatro caixas começam a vender.")
    until = SELLING_SECONDS + SETTLING_SECONDS
    while story.seconds < until and not stop.is_set():
        while acts and story.seconds >= acts[0][0]:
            acts.pop(0)[1]()
        told = shop.status()
        _notice(story, told)
        live.update(_picture(shop, story, told))
        if not acts and not told["duvidas"] and told["fila"]["nao_enviados"] == 0:
            story.tell("Fila vazia: a central tem tudo.")
            live.update(_picture(shop, story, told))
            return
        time.sleep(FRAME_SECONDS)


def _notice(story: Story, told: dict[str, Any]) -> None:
    """Say it when the second coupon was cancelled."""
    for sold in told["ultimas"]:
        if sold["cancela"] and not story.resolved:
            story.resolved = True
            story.tell(
                f"[bold green]Dúvida resolvida:[/] o {sold['equipamento']} tinha emitido; esse cupom foi cancelado."
            )


def _die(shop: Shop, story: Story) -> None:
    """The device takes one more sale, issues it, and dies before it answers."""
    victim = shop.devices[0]
    victim.command("faults", trouble="crash_after", function="EnviarDadosVenda")
    story.tell(f"[bold red]O {victim.name} morre com uma venda na mão[/]: em dúvida, ela segue em outro.")
    story.had_doubt = True


def _return(shop: Shop, story: Story) -> None:
    victim = shop.devices[0]
    victim.switch_off()
    victim.switch_on()
    story.tell(f"[bold green]O {victim.name} voltou.[/] O gateway pergunta a ele o que foi da venda.")


def _rest(shop: Shop, story: Story) -> None:
    shop.rest()
    story.tell("Os caixas param de vender.")


def _picture(shop: Shop, story: Story, told: dict[str, Any]) -> Group:
    """The whole screen."""
    devices = Table("equipamento", "", "por transmitir", "como está", expand=True, box=None)
    for device in told["equipamentos"]:
        mark = "[green]●[/]" if device["em_uso"] else "[bold red]●[/]"
        pending = (device["estado"] or {}).get("pending")
        devices.add_row(device["nome"], mark, "?" if pending is None else str(pending), plain(device["frase"]))
    tills = Table("caixa", "vendas", "recusadas", "em dúvida", expand=True, box=None)
    for till in shop.tills:
        tills.add_row(till.number, str(len(till.chaves)), str(till.refused), str(till.doubts))
    sales, queue = told["vendas_hoje"], told["fila"]
    total = money.show(money.from_cents(sales["total_centavos"]))
    words = (
        f"[bold]{sales['quantidade']}[/] vendas, R$ {total} · {queue['nao_enviados']} itens a caminho da central · "
        f"{len(told['duvidas'])} em dúvida"
    )
    return Group(
        Panel(devices, title="Equipamentos"),
        Panel(tills, title="Caixas"),
        Panel(words, title="Gateway"),
        Panel("\n".join(story.events[-_MOST_EVENTS:]) or " ", title="O que aconteceu"),
    )


def _end(shop: Shop, address: str, *, once: bool, stop: threading.Event) -> int:
    if not once and not stop.is_set():
        say(f"A loja continua no ar em [bold]{address}[/]. Ctrl+C encerra.")
        stop.wait()
    faults = prove(shop)
    for fault in faults:
        complain(fault)
    return 1 if faults else 0


def prove(shop: Shop) -> list[str]:
    """What is wrong at the end, by the devices' memories and the centre's account; the summary goes to the screen."""
    memory = {device.plate.nserie: device.memory() for device in shop.devices}
    coupons = [coupon for kept in memory.values() for coupon in kept]
    cancelled = {coupon["of"] for coupon in coupons if coupon["of"]}
    standing = {coupon["chave"] for coupon in coupons if coupon["kind"] == "CFe"} - cancelled
    told = {chave for till in shop.tills for chave in till.chaves}
    received = {each["emitter"]: each for each in shop.accounts() if each["rank"] == _FISCAL}
    faults = [f"O caixa {till.number} ouviu: {trouble}" for till in shop.tills for trouble in till.troubles]
    if not cancelled:
        faults.append("O equipamento que morreu não deixou um segundo cupom: a dúvida não apareceu.")
    if told != standing:
        faults.append(f"{len(standing - told)} cupons que nenhum caixa tem; {len(told - standing)} que não valem.")
    for nserie, kept in memory.items():
        account = received.get(nserie, {"received": 0, "missing": [], "pending": 0})
        if (account["received"], account["missing"], account["pending"]) != (len(kept), [], 0):
            faults.append(f"O equipamento {nserie} emitiu {len(kept)}; a central tem {account['received']}.")
    table = Table("", "", title="Provado pela memória dos equipamentos e pela conta da central")
    table.add_row("cupons que valem nos equipamentos", str(len(standing)))
    table.add_row("vendas que os caixas têm em mãos", str(len(told)))
    table.add_row("segundos cupons, todos cancelados", str(len(cancelled)))
    table.add_row("documentos na central (vendas e cancelamentos)", str(sum(e["received"] for e in received.values())))
    table.add_row("conferem", "[bold green]sim[/]" if not faults else "[bold red]não[/]")
    out.print()
    out.print(table)
    return faults


def _no_doubt() -> int:
    complain("A demonstração foi interrompida antes do fim.")
    return 1


def _fresh_folder() -> Path:
    """An empty folder; what an earlier demo left is thrown away, anything else is not touched. Raises DemoPdvError."""
    if FOLDER.exists():
        if not (FOLDER / MARKER).exists():
            raise DemoPdvError(f"A pasta {FOLDER} já existe e não é de uma demonstração: mude-a de nome.")
        shutil.rmtree(FOLDER)
    FOLDER.mkdir()
    (FOLDER / MARKER).touch()
    return FOLDER.resolve()
