"""`zelo`: every command, each in a few lines. What one may do wrong ends in a sentence, never in a stack trace."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import DatabaseError

from zelo.access.shell.master import FILE_NAME, add_key, drop_old_keys, open_vault
from zelo.access.vault import VaultError
from zelo.cli import (
    admin,
    cancel,
    demo,
    demo_pdv,
    diagnose,
    doctor,
    emit,
    explain,
    keep,
    logs,
    memory,
    month,
    notify,
    pack,
    paper,
    running,
    sat,
    schemas,
    watch,
)
from zelo.cli import worker as labour
from zelo.cli.screen import complain, plain, refusal, say
from zelo.engine.backup import BadBackupError
from zelo.engine.migrate import UnknownShapeError
from zelo.engine.trouble import TROUBLES, damage, sentence
from zelo.flow.house import WrongAmbienteError, open_house, read_settings
from zelo.flow.tools import Tools
from zelo.guard import shell as guard
from zelo.guard.diagnosis.unpack import TooMuchError
from zelo.models.canonical.shell import BadPackageError
from zelo.settings.load import SettingError
from zelo.settings.version import VERSION
from zelo.sim.sat.profile import BY_THE_BOOK, PROFILES
from zelo.sim.sat.shell.folder import CODE
from zelo.sim.shell.server import Setup
from zelo.sim.shell.server import run as run_simulator

app = typer.Typer(
    help="zelo cuida de documentos fiscais eletrônicos: cada nota autorizada exatamente uma vez.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
schema_app = typer.Typer(help="Pacotes oficiais de schemas.", no_args_is_help=True)
guard_app = typer.Typer(help="A guarda contra consumo indevido.", no_args_is_help=True)
notify_app = typer.Typer(help="Avisos por e-mail.", no_args_is_help=True)
sim_app = typer.Typer(invoke_without_command=True)
admin_app = typer.Typer(help="Contas e chaves da instalação.", no_args_is_help=True)
app.add_typer(schema_app, name="schema")
app.add_typer(guard_app, name="guard")
app.add_typer(notify_app, name="notify")
app.add_typer(admin_app, name="admin")
app.add_typer(sim_app, name="sim")

KNOWN_ERRORS = (
    SettingError,
    UnknownShapeError,
    WrongAmbienteError,
    BadBackupError,
    BadPackageError,
    VaultError,
    keep.RestoreError,
    emit.EmitError,
    paper.PrintError,
    cancel.CancelError,
    explain.ExplainError,
    admin.AdminError,
    demo.DemoError,
    demo_pdv.DemoPdvError,
    notify.NotifyError,
    sat.SatError,
    TooMuchError,
    watch.WatchError,
)


def main() -> None:
    """Run a command; exit 1 with a sentence on an error that a person can mend."""
    memory.settle()
    try:
        app()
    except KNOWN_ERRORS as error:
        complain(str(error))
        sys.exit(1)
    except TROUBLES as error:
        complain(sentence(error))
        sys.exit(1)
    except DatabaseError as error:
        complain(damage(error))
        sys.exit(1)
    except OSError as error:
        complain(refusal(error))
        sys.exit(1)


def _house(*, talks: bool = False) -> Tools:
    """Open the installation; `talks`: the log goes to standard error, else beside the data."""
    settings = read_settings(os.environ)
    if talks:
        logs.to_stream(settings.log_level)
    else:
        logs.to_file(settings.log_level, Path(settings.data_dir))
    try:
        return open_house(settings)
    except ValueError as error:
        raise SettingError(str(error)) from error


@app.command("demo")
def _demo(
    once: Annotated[bool, typer.Option("--once", help="Vai até o fim, mostra o resumo e termina.")] = False,
) -> None:
    """Simulador, banco, trabalho e páginas no ar, com as notas do provedor de exemplo."""
    sys.exit(demo.run(once=once))


@app.command("demo-pdv")
def _demo_pdv(
    once: Annotated[bool, typer.Option("--once", help="Vai até o fim, mostra a prova e termina.")] = False,
) -> None:
    """Uma loja no ar: quatro caixas, três equipamentos, o gateway e a central; um equipamento morre e volta."""
    with running.interruptible() as stop:
        sys.exit(demo_pdv.run(once=once, stop=stop))


@app.command("serve")
def _serve(
    worker: Annotated[bool, typer.Option(help="Também trabalha neste processo.")] = True,
) -> None:
    """Atende as páginas e a API; a primeira vez cria o administrador e mostra a senha uma vez."""
    tools = _house(talks=True)
    admin.first_start(tools)
    with running.interruptible() as stop, running.serving(tools) as address:
        say(f"zelo {VERSION} em [bold]{address}[/] ({tools.ambiente.rotulo}). Ctrl+C encerra.")
        if worker:
            with labour.working(tools):
                stop.wait()
        else:
            stop.wait()


@app.command("work")
def _work() -> None:
    """Um processo de trabalho a mais, nesta ou em outra máquina."""
    tools = _house(talks=True)
    with running.interruptible() as stop, labour.working(tools):
        say(f"Trabalhando com {tools.settings.worker_senders} transmissões simultâneas. Ctrl+C encerra.")
        stop.wait()


@sim_app.callback()
def _sim(
    context: typer.Context,
    folder: Annotated[Path, typer.Option(help="Pasta dos certificados de teste e do diário.")] = Path("zelo-sim"),
    port: Annotated[int, typer.Option(help="Porta HTTPS dos serviços; 0 escolhe uma livre.")] = 8443,
    management: Annotated[int, typer.Option(help="Porta de gerência; 0 escolhe uma livre.")] = 8444,
    seed: Annotated[int, typer.Option(help="Semente das falhas.")] = 0,
) -> None:
    """A SEFAZ simulada da NFCom (SVRS, MG, MS e MT), só em 127.0.0.1."""
    if context.invoked_subcommand is not None:
        return
    run_simulator(
        folder,
        Setup(port=port, management_port=management, seed=seed),
        lambda ports: say(
            f"SEFAZ simulada em https://127.0.0.1:{ports.services} (gerência em http://127.0.0.1:{ports.management}).\n"
            f"Confie em {plain(folder / 'ca.pem')}: ZELO_SIMULATOR_URL, ZELO_SEFAZ_CA_FILE."
        ),
    )


@sim_app.command("sat")
def _sim_sat(
    folder: Annotated[Path, typer.Option(help="Pasta da memória e do certificado do equipamento.")] = Path("zelo-sat"),
    port: Annotated[int, typer.Option(help="Porta do protocolo; 0 escolhe uma livre.")] = sat.PORT,
    profile: Annotated[str, typer.Option(help=f"Um de: {', '.join(PROFILES)}.")] = BY_THE_BOOK,
    fault: Annotated[
        list[str] | None, typer.Option(help="falha=por mil, como lost_after=50; repita à vontade.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Semente das falhas e dos cNF.")] = 0,
    clock: Annotated[str, typer.Option(help="Instante em que o relógio começa; vazio é o relógio real.")] = "",
    factory: Annotated[bool, typer.Option("--factory", help="Equipamento novo, ainda sem ativação.")] = False,
    mfe: Annotated[bool, typer.Option("--mfe", help="Um MFE do Ceará no lugar de um SAT de São Paulo.")] = False,
) -> None:
    """Um equipamento SAT ou MFE emulado, com memória própria, só em 127.0.0.1."""
    plate = sat.MFE if mfe else sat.SAT
    sat.run(folder, port, profile, sat.rates_of(fault or []), seed, clock, plate, factory=factory)


@sim_app.command("sell")
def _sim_sell(
    sale: Annotated[Path, typer.Argument(help="XML da venda, como o PDV o envia ao equipamento.")],
    port: Annotated[int, typer.Option(help="Porta do equipamento emulado.")] = sat.PORT,
    code: Annotated[str, typer.Option(help="Código de ativação.")] = CODE,
) -> None:
    """Vende num equipamento emulado e mostra o cupom que ele devolve."""
    sys.exit(sat.sell(sale, port, code))


@app.command("emit")
def _emit(
    billing: Annotated[Path, typer.Argument(help="Arquivo de faturamento: CSV, XLSX, JSON ou tabela HTML.")],
    composicoes: Annotated[
        Path | None, typer.Option(help="Arquivo de composições fiscais; sem ele, composicoes.csv ao lado do outro.")
    ] = None,
    company: Annotated[str, typer.Option(help="CNPJ base ou id da empresa, quando há mais de uma.")] = "",
    mapping: Annotated[str, typer.Option(help="Nome do mapeamento de colunas gravado na página.")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Só mostra o que foi entendido; nada é emitido.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Também grava o resultado neste arquivo.")] = None,
    wait: Annotated[bool, typer.Option(help="Transmite aqui e espera até o fim.")] = True,
    looks: Annotated[
        bool,
        typer.Option("--conferir", help="Só confere; alguém manda enviar na página do arquivo."),
    ] = False,
) -> None:
    """Emite as NFCom de um arquivo de faturamento. O mesmo arquivo outra vez não emite nada outra vez."""
    plans = composicoes or billing.with_name("composicoes.csv")
    if preview:
        sys.exit(emit.preview(_house(), billing, plans, company, mapping, json_file))
    done = emit.run(_house(), billing, plans, company, wait=wait, looks=looks, mapping=mapping, json_file=json_file)
    sys.exit(done)


@app.command("month")
def _month(
    which: Annotated[str, typer.Argument(metavar="[AAAA-MM]", help="O mês; sem ele, o de hoje.")] = "",
    company: Annotated[str, typer.Option(help="CNPJ base ou id da empresa, quando há mais de uma.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Mostra em JSON.")] = False,
    file: Annotated[Path | None, typer.Option("--pack", help="Grava o pacote do mês (zip) para o contador.")] = None,
    papers: Annotated[bool, typer.Option("--danfe", help="No pacote, também o DANFE-COM de cada nota.")] = False,
    emitter: Annotated[str, typer.Option("--establishment", help="No pacote, só o estabelecimento deste CNPJ.")] = "",
) -> None:
    """Mostra um mês: faturado = autorizado + pendente + recusado, os quadros e cada estabelecimento; ou o empacota."""
    if file is not None:
        sys.exit(pack.run(_house(), which, company, emitter, file, papers=papers))
    sys.exit(month.run(_house(), which, company, as_json=as_json))


@app.command("print")
def _print(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CHAVE | XML...]", help="Chave de uma nota; ou o XML de um CF-e, de uma NFCom."),
    ] = None,
    month: Annotated[str, typer.Option(help="Competência AAAA-MM: um zip com o DANFE-COM de cada nota.")] = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Arquivo a gravar.")] = None,
    company: Annotated[str, typer.Option(help="CNPJ base ou id da empresa, quando há mais de uma.")] = "",
    brief: Annotated[bool, typer.Option("--resumido", help="No extrato de CF-e, sem os itens.")] = False,
    as_bytes: Annotated[bool, typer.Option("--escpos", help="O extrato em bytes para impressora térmica.")] = False,
    width: Annotated[int, typer.Option("--largura", help="Da bobina, em milímetros: 80 ou 58.")] = 80,
    page: Annotated[str, typer.Option("--pagina", help="De códigos da térmica: 850, 860, 1252 ou ascii.")] = "850",
) -> None:
    """Grava em PDF o DANFE-COM de uma nota, ou os de um mês inteiro em um zip; de um XML de CF-e, o extrato."""
    words = what or []
    if any(word.lower().endswith(".xml") for word in words):
        form = paper.Form(brief=brief, escpos=as_bytes, width_mm=width, page=page)
        paper.of_files([Path(word) for word in words], output, form)
        return
    paper.run(_house(), "".join("".join(words).split()).upper(), month, output, company)


@app.command("cancel")
def _cancel(
    chaves: Annotated[list[str], typer.Argument(help="Uma ou mais chaves, com ou sem espaços entre aspas.")],
    reason: Annotated[str, typer.Option(help="O motivo, de 15 a 255 caracteres: vai para a SEFAZ.")],
    sure: Annotated[bool, typer.Option("--sure", help="Confirma: um cancelamento não se desfaz.")] = False,
    wait: Annotated[bool, typer.Option(help="Transmite aqui e espera até o fim.")] = True,
) -> None:
    """Cancela notas autorizadas. Pedir outra vez o mesmo cancelamento não faz nada outra vez."""
    sys.exit(cancel.run(_house(), chaves, reason, sure=sure, wait=wait))


@app.command("doctor")
def _doctor() -> None:
    """Confere relógio, disco, banco, chave-mestra, certificados, schemas, SEFAZ e e-mail."""
    sys.exit(doctor.run(os.environ))


@app.command("backup")
def _backup(file: Annotated[Path, typer.Argument(help="Arquivo a gravar.")]) -> None:
    """Copia o banco inteiro para um arquivo. A chave-mestra fica fora: guarde-a à parte."""
    keep.backup(_house(), file)


@app.command("restore")
def _restore(file: Annotated[Path, typer.Argument(help="Arquivo gravado por zelo backup.")]) -> None:
    """Restaura num banco vazio; todo emitente fica em quarentena até ser conferido na SEFAZ."""
    keep.restore(_house(), file)


@schema_app.command("list")
def _schema_list() -> None:
    """Mostra os pacotes e desde quando cada um vale."""
    schemas.show(_house())


@schema_app.command("install")
def _schema_install(
    source: Annotated[Path, typer.Argument(help="Zip oficial, ou pasta com os XSD.")],
    manifest: Annotated[Path, typer.Argument(help="manifest.toml com nome, datas e arquivo de entrada.")],
) -> None:
    """Instala um pacote ao lado dos que existem."""
    schemas.install(read_settings(os.environ), source, manifest)


@guard_app.command("verify")
def _guard_verify() -> None:
    """Prova que o diário da guarda está inteiro e soma o que ela diz."""
    with _house().engine.read() as connection:
        broken = list(guard.verify(connection))
    if broken:
        complain(f"O diário da guarda está quebrado em: {', '.join(broken)}. Pare o zelo e restaure o último backup.")
        sys.exit(1)
    say("O diário da guarda está inteiro.")


@guard_app.command("explain")
def _guard_explain(chave: Annotated[str, typer.Argument(help="Chave da nota, com ou sem espaços.")]) -> None:
    """Conta cada decisão sobre o número de uma chave, com as provas."""
    explain.run(_house(), "".join(chave.split()).upper())


@guard_app.command("dossier")
def _guard_dossier(
    file: Annotated[Path, typer.Argument(help="Zip a gravar.")],
    company: Annotated[str, typer.Option(help="CNPJ base ou id da empresa, quando há mais de uma.")] = "",
) -> None:
    """Reúne num zip o que a SEFAZ pede para desbloquear: carta, bloqueios, notas, tentativas e diário."""
    tools = _house()
    keep.dossier(tools, file, emit.find_company(tools, company).id)


@guard_app.command("diagnose")
def _guard_diagnose(
    source: Annotated[Path, typer.Argument(help="Pasta ou zip com os XML enviados e os retornos.")],
    json_file: Annotated[Path | None, typer.Option("--json", help="Também grava o diagnóstico neste arquivo.")] = None,
) -> None:
    """Diz quem causou um bloqueio por consumo indevido. Não precisa de instalação."""
    diagnose.run(source, json_file)


@notify_app.command("test")
def _notify_test(address: Annotated[str, typer.Argument(help="E-mail que vai receber o teste.")]) -> None:
    """Envia um e-mail de teste agora e diz o que o servidor respondeu."""
    sys.exit(notify.test(_house(), address))


@guard_app.command("watch")
def _guard_watch(
    folder: Annotated[Path, typer.Argument(help="Pasta que o programa do emitente usa; as que faltarem são criadas.")],
    company: Annotated[str, typer.Option(help="CNPJ base ou id da empresa, quando há mais de uma.")] = "",
) -> None:
    """Guarda um programa que só sabe gravar arquivos: entrada, liberados, retidos e retornos."""
    watch.run(_house(talks=True), folder, company)


@admin_app.command("password")
def _admin_password(email: Annotated[str, typer.Argument(help="E-mail da conta.")]) -> None:
    """Dá uma senha nova a uma conta e encerra as sessões dela."""
    admin.new_password_for(_house(), email)


@admin_app.command("new-key")
def _admin_new_key() -> None:
    """Faz uma chave-mestra nova quando a antiga se perdeu; os certificados precisam ser instalados de novo."""
    data_dir = Path(read_settings(os.environ).data_dir)
    open_vault(data_dir, os.urandom)
    say(f"Chave-mestra em {plain(data_dir / FILE_NAME)}. Instale os certificados de novo e guarde-a à parte.")


@admin_app.command("rotate-key")
def _admin_rotate() -> None:
    """Troca a chave-mestra: recifra todos os segredos e descarta a chave antiga."""
    tools = _house()
    data_dir = Path(tools.settings.data_dir)
    vault = add_key(data_dir, tools.chance)
    count = admin.reseal(tools, vault)
    drop_old_keys(data_dir)
    say(f"Chave-mestra trocada; {count} certificados recifrados. Guarde o novo master.key.")
