"""Every setting of an installation. The fields are the table; `docs/reference/settings.md` lists them, held by a test.

A value comes from the environment (`ZELO_` and the name in capitals), else from `zelo.toml` in the data folder, else
from the default here.
"""

from dataclasses import dataclass, field
from typing import Any, Final

PREFIX: Final = "ZELO_"
FILE_NAME: Final = "zelo.toml"


INSTALLATION: Final = "installation"
PROCESS: Final = "process"


MOST: Final = 1_000_000
"""The largest number of any unit but bytes: a million hours end within the calendar."""
MOST_PORT: Final = 65_535
MOST_UPLOAD_BYTES: Final = 1_000_000_000


def _setting(
    default: Any,
    unit: str,
    sentence: str,
    *,
    scope: str = INSTALLATION,
    least: int | None = None,
    most: int = MOST,
    words: tuple[str, ...] = (),
) -> Any:
    """A field with what people need to know about it; a number goes from `least` to `most`, a word is one of `words`.

    `scope` tells whether every process of an installation must agree on the value, or each may have its own.
    """
    bounds = {"least": least, "most": None if least is None else most}
    return field(
        default=default, metadata={"unit": unit, "sentence": sentence, "scope": scope, "words": words, **bounds}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Values for one process of one installation."""

    data_dir: str = _setting("zelo-data", "pasta", "Pasta do banco embarcado, da chave-mestra e dos schemas.")
    database_url: str = _setting("", "URL", "Banco de dados; vazio usa o SQLite da pasta de dados.")
    ambiente: str = _setting(
        "homologacao",
        "palavra",
        "Ambiente da SEFAZ: homologacao ou producao; um banco para cada.",
        words=("homologacao", "producao"),
    )
    listen_host: str = _setting("127.0.0.1", "endereço", "Endereço em que as páginas e a API atendem.", scope=PROCESS)
    listen_port: int = _setting(
        8062, "porta", "Porta em que as páginas e a API atendem.", scope=PROCESS, least=0, most=MOST_PORT
    )
    cookie_secure: bool = _setting(
        default=False,
        unit="sim ou não",
        sentence="Só enviar o cookie de sessão por HTTPS; ligue atrás de um proxy TLS.",
    )
    session_hours: int = _setting(12, "horas", "Duração de uma sessão sem uso.", least=1)
    login_failures: int = _setting(5, "erros", "Erros de senha, por conta, antes da pausa no login.", least=1)
    login_pause_minutes: int = _setting(15, "minutos", "Pausa no login depois de erros demais.", least=1)
    invite_days: int = _setting(7, "dias", "Validade de um convite.", least=1)
    upload_bytes: int = _setting(
        60_000_000, "bytes", "Maior arquivo aceito pelas páginas e pela API.", least=1, most=MOST_UPLOAD_BYTES
    )
    simulator_url: str = _setting("", "URL", "Base HTTPS do simulador de SEFAZ; só vale em homologação.")
    sefaz_ca_file: str = _setting("", "arquivo", "Autoridades confiadas para a SEFAZ (PEM), além das do sistema.")
    http_connect_seconds: int = _setting(10, "segundos", "Espera para conectar à SEFAZ.", least=1)
    http_timeout_seconds: int = _setting(60, "segundos", "Espera por uma resposta da SEFAZ.", least=1)
    worker_senders: int = _setting(
        32, "threads", "Transmissões simultâneas de um processo de trabalho.", scope=PROCESS, least=1
    )
    worker_batch: int = _setting(20, "documentos", "Documentos preparados por transação.", scope=PROCESS, least=1)
    worker_poll_millis: int = _setting(
        250, "milissegundos", "Intervalo entre buscas por trabalho.", scope=PROCESS, least=1
    )
    lease_seconds: int = _setting(180, "segundos", "Tempo que um processo tem para terminar um passo.", least=1)
    unknown_horizon_seconds: int = _setting(
        150, "segundos", "Espera antes de consultar uma nota sem resposta; maior que a espera HTTP.", least=1
    )
    consulta_wait_seconds: int = _setting(
        120, "segundos", "Espera depois de uma consulta que não resolveu; cresce a cada uma, até trinta vezes.", least=1
    )
    retry_seconds: int = _setting(30, "segundos", "Espera depois de não conseguir conectar.", least=1)
    pause_seconds: int = _setting(180, "segundos", "Espera depois de 108/109, antes de sondar o serviço.", least=1)
    breaker_failures: int = _setting(5, "envios", "Envios seguidos sem resposta que param um autorizador.", least=1)
    guard_margin: int = _setting(5, "envios", "Folga entre o teto de rejeições da SEFAZ e o nosso.", least=1)
    guard_safety: int = _setting(
        10, "rejeições iguais", "Limite de segurança: a nota para e qualquer usuário pode liberar.", least=1
    )
    guard_maximum: int = _setting(
        20, "rejeições iguais", "Limite máximo: a nota para e só um administrador pode liberar.", least=1
    )
    guard_intervals: str = _setting(
        "", "parâmetro", "Intervalos por faixa de tentativas e por UF: PR|5-10-120;11-15-300/."
    )
    guard_limits: str = _setting("", "parâmetro", "Limites de segurança e máximo por UF: PR|10-20/SP|10-20/.")
    guard_consulta_margin: int = _setting(1, "consultas", "Folga no limite de consultas por chave por hora.", least=0)
    block_margin_minutes: int = _setting(
        5, "minutos", "Folga depois da hora de bloqueio por consumo indevido.", least=0
    )
    smtp_host: str = _setting("", "endereço", "Servidor de e-mail dos avisos; vazio: os avisos ficam só nas páginas.")
    smtp_port: int = _setting(587, "porta", "Porta do servidor de e-mail.", least=1, most=MOST_PORT)
    smtp_security: str = _setting(
        "starttls",
        "palavra",
        "Como a conexão com o servidor de e-mail é cifrada: starttls, tls ou none; none só nesta máquina.",
        words=("starttls", "tls", "none"),
    )
    smtp_user: str = _setting("", "texto", "Usuário no servidor de e-mail; vazio não se autentica.")
    smtp_password: str = _setting("", "texto", "Senha no servidor de e-mail; de preferência só no ambiente.")
    smtp_ca_file: str = _setting("", "arquivo", "Autoridades confiadas para o e-mail (PEM), além das do sistema.")
    smtp_sender: str = _setting("", "texto", "Remetente dos avisos: um e-mail, ou Nome <e-mail>.")
    smtp_timeout_seconds: int = _setting(
        30, "segundos", "O máximo que a entrega de um aviso pode levar, do começo ao fim.", least=1, most=120
    )
    public_url: str = _setting("", "URL", "Endereço destas páginas visto de fora, para os links dos avisos.")
    log_level: str = _setting(
        "info",
        "palavra",
        "Menor gravidade registrada no log: debug, info, warning ou error.",
        scope=PROCESS,
        words=("debug", "info", "warning", "error"),
    )
