"""The gateway's one file, edge.toml: every key is a row here, and whatever is not a row is told with its place.

`docs/reference/edge-settings.md` lists the rows; a test holds that.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ntpath import normpath
from typing import Any, Final

from zelo.fiscal.fault import Fault
from zelo.pos.edge.door import trust

BAD_FILE: Final = "EDGE-ARQUIVO"
BAD_KEY: Final = "EDGE-CHAVE"
BAD_VALUE: Final = "EDGE-VALOR"
MOST_DEVICES: Final = 32
EMULATED: Final = "emulado"
LIBRARY: Final = "biblioteca"


@dataclass(frozen=True, slots=True)
class Option:
    """A key. `default` None: it must be there. A number lies between `least` and `most`; a word is one of `words`."""

    section: str
    key: str
    kind: type
    default: Any
    unit: str
    sentence: str
    least: int = 0
    most: int = 1_000_000
    words: tuple[str, ...] = ()


DEVICE: Final = "equipamento"
FOLDER: Final = "pasta"
FILE: Final = "arquivo"
OPTIONS: Final = (
    Option("gateway", "nome", str, "gateway", "texto", "Nome deste gateway, como o centro o conhece."),
    Option("gateway", "pasta", str, "zelo-edge", FOLDER, "Pasta do diário, da fila e das chaves."),
    Option("gateway", "fila_mb", int, 256, "MB", "Tamanho do arquivo do diário e da fila, reservado já.", 64,
           2_048),
    Option("venda", "duvida", str, "vender", "palavra", "Equipamento morreu com a venda: vender em outro, ou esperar.",
           words=("vender", "esperar")),
    Option("venda", "espera_segundos", int, 60, "s", "Quanto um caixa espera no máximo por um equipamento.", 5, 600),
    Option("venda", "paciencia_segundos", int, 10, "s", "Quanto se espera que um equipamento mudo volte.", 1, 300),
    Option(DEVICE, "nome", str, None, "texto", "Como a loja chama o equipamento."),
    Option(DEVICE, "tipo", str, None, "palavra", "biblioteca (do fabricante) ou emulado.", words=(LIBRARY, EMULATED)),
    Option(DEVICE, "biblioteca", str, "", FILE, "Caminho da biblioteca do fabricante."),
    Option(DEVICE, "convencao", str, "cdecl", "palavra", "Convenção de chamada da biblioteca (Windows 32 bits).",
           words=("cdecl", "stdcall")),
    Option(DEVICE, "endereco", str, "", "endereço:porta", "Onde o equipamento emulado atende."),
    Option(DEVICE, "caixas", list, (), "caixas", "Caixas que este equipamento atende primeiro, como \"001\"."),
    Option(DEVICE, "peso", int, 1, "", "Parte que lhe cabe das vendas de qualquer caixa.", 1, 100),
    Option(DEVICE, "resposta_segundos", int, 45, "s", "Quanto se espera por uma resposta dele.", 1, 600),
    Option("linha", "endereco", str, "127.0.0.1:7059", "endereço:porta", "Onde a biblioteca dos caixas bate."),
    Option("linha", "token", str, "", "texto", "O que a biblioteca mostra; vazio aceita quem puder bater."),
    Option("linha", "redes", list, (), "redes", "Redes dos caixas, além desta máquina, como \"192.168.0.0/24\"."),
    Option("web", "endereco", str, "127.0.0.1:7060", "endereço:porta", "Onde atendem SATHub, API e página local."),
    Option("web", "nomes", list, (), "lista", "Nomes por que a máquina é chamada, além de localhost."),
    Option("web", "redes", list, (), "redes", "Redes que podem usar o SATHub sem token."),
    Option("integrador", "pasta", str, "", FOLDER, "Pasta do Integrador MFE; vazio não a olha."),
    Option("integrador", "caixa", str, "001", "caixa", "Caixa em nome de quem a pasta fala."),
    Option("par", "endereco", str, "", "endereço:porta", "O outro gateway da loja; vazio não há."),
    Option("par", "token", str, "", "texto", "Token da API do outro gateway."),
    Option("par", "lado", int, 0, "", "Qual dos dois gateways é este; cada um tem o seu.", 0, 1),
    Option("centro", "url", str, "", "URL", "Para onde sobem cupons, estados e registros; vazio não há."),
    Option("centro", "pasta", str, "", FOLDER,
           "Sem central: onde cada cupom vira um arquivo XML, por mês; vazio é xml, na pasta do gateway."),
    Option("centro", "token", str, "", "texto", "Token deste gateway no centro."),
    Option("centro", "ca", str, "", FILE, "Única autoridade em que confiar (PEM); vazio confia nas do sistema."),
    Option("centro", "proxy", str, "", "URL", "Proxy por que passar, como http://proxy.loja:3128; vazio vai direto."),
)  # fmt: skip
SECTIONS: Final = tuple(dict.fromkeys(option.section for option in OPTIONS))

Values = Mapping[str, Any]
_QUOTES: Final = "Texto vai entre aspas; um caminho do Windows, entre aspas simples: 'C:\\zelo'."
_TWICE: Final = "Uma seção ou uma chave está escrita duas vezes: deixe uma, com tudo o que é dela."
_IS_TWICE: Final = re.compile("twice|overwrite|mutate")
_PLACE: Final = re.compile(r"at line (\d+), column (\d+)")
_TILL_DIGITS: Final = 3
_PORT_DIGITS: Final = 5
_OWN: Final = (
    ("nome", "Dois equipamentos têm o mesmo nome.", "Dê um nome a cada um."),
    ("biblioteca", "Dois equipamentos têm a mesma biblioteca.", "Cada um precisa da sua, numa pasta própria."),
    ("endereco", "Dois equipamentos têm o mesmo endereço.", "Deixe um bloco para cada um."),
)
"""What two devices must not share, whatever the letters' case."""


@dataclass(frozen=True, slots=True)
class Config:
    """The file as values: a mapping for each section, one for each device."""

    sections: Mapping[str, Values]
    devices: tuple[Values, ...]

    def __getitem__(self, section: str) -> Values:
        """The values of a section, defaults filled in."""
        return self.sections[section]


def read_config(text: str) -> Config | list[Fault]:
    """The configuration in a TOML text, or everything that is wrong with it."""
    try:
        told = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        remedy = _TWICE if _IS_TWICE.search(str(error)) else _QUOTES
        return [Fault(BAD_FILE, "O arquivo não é TOML.", remedy, _place(str(error)))]
    faults = [_unknown(section) for section in told if section not in SECTIONS]
    devices = told.get(DEVICE, [])
    if not isinstance(devices, list) or not 1 <= len(devices) <= MOST_DEVICES:
        remedy = "Escreva um bloco [[equipamento]] para cada um."
        return [*faults, Fault(BAD_FILE, f"São de 1 a {MOST_DEVICES} equipamentos.", remedy, DEVICE)]
    sections = {name: told.get(name, {}) for name in SECTIONS if name != DEVICE}
    for name, values in sections.items():
        faults += _faults(name, values, name)
    for number, values in enumerate(devices, 1):
        faults += _faults(DEVICE, values, f"{DEVICE} {number}")
    faults = faults or [*_doubled(devices), *_alone(sections["par"])]
    if faults:
        return faults
    filled = {name: _filled(name, values) for name, values in sections.items()}
    return Config(filled, tuple(_filled(DEVICE, values) for values in devices))


def placed(config: Config, place: Callable[[str], str]) -> Config:
    """The same with `place` of each file and folder that it names."""
    sections = {name: _placed(name, values, place) for name, values in config.sections.items()}
    return Config(sections, tuple(_placed(DEVICE, values, place) for values in config.devices))


def _placed(section: str, values: Values, place: Callable[[str], str]) -> Values:
    paths = {option.key for option in _options(section) if option.unit in (FOLDER, FILE)}
    return {key: place(value) if key in paths and value else value for key, value in values.items()}


def address(told: str) -> tuple[str, int]:
    """Host and port of a value that passed the check."""
    host, _, port = told.rpartition(":")
    return host, int(port)


def _options(section: str) -> Sequence[Option]:
    return [option for option in OPTIONS if option.section == section]


def _filled(section: str, values: Mapping[str, Any]) -> Values:
    return {option.key: values.get(option.key, option.default) for option in _options(section)}


def _unknown(section: str) -> Fault:
    return Fault(BAD_KEY, "Não existe esta seção.", f"Existem: {', '.join(SECTIONS)}.", section)


def _faults(section: str, values: object, where: str) -> Iterator[Fault]:
    if not isinstance(values, dict):
        yield Fault(BAD_FILE, "A seção não é uma tabela.", f"Escreva [{section}] e as chaves abaixo.", where)
        return
    options = {option.key: option for option in _options(section)}
    for key in values.keys() - options.keys():
        yield Fault(BAD_KEY, "Não existe esta chave.", f"Existem: {', '.join(options)}.", f"{where}.{key}")
    for key, option in options.items():
        if key not in values and option.default is None:
            yield Fault(BAD_KEY, "Falta a chave.", option.sentence, f"{where}.{key}")
        elif key in values:
            yield from _value(option, values[key], f"{where}.{key}")
    if section == DEVICE:
        yield from _device(values, where)


def _value(option: Option, value: object, where: str) -> Iterator[Fault]:
    if type(value) is not option.kind:
        form = {str: "um texto entre aspas", int: "um número inteiro", list: "uma lista de textos"}[option.kind]
        yield Fault(BAD_VALUE, f"O valor não é {form}.", option.sentence, where, str(value)[:100])
    elif option.words and value not in option.words:
        yield Fault(BAD_VALUE, f"O valor é um de: {', '.join(option.words)}.", option.sentence, where, str(value)[:100])
    elif isinstance(value, int) and not option.least <= value <= option.most:
        limits = f"de {option.least} a {option.most} {option.unit}".rstrip()
        yield Fault(BAD_VALUE, f"O valor vai {limits}.", option.sentence, where, str(value))
    elif isinstance(value, list) and not all(isinstance(each, str) for each in value):
        yield Fault(BAD_VALUE, "A lista é de textos entre aspas.", option.sentence, where)
    elif not "".join(value if isinstance(value, list) else [str(value)]).isprintable():
        yield Fault(BAD_VALUE, "O texto traz fim de linha ou outro caractere que não se vê.", option.sentence, where)
    elif option.unit in _FORMS:
        has_form, sentence = _FORMS[option.unit]
        odd = [each for each in (value if isinstance(value, list) else [value]) if each and not has_form(str(each))]
        if odd:
            yield Fault(BAD_VALUE, sentence, option.sentence, where, str(odd[0])[:100])


def _is_address(told: str) -> bool:
    host, _, port = told.rpartition(":")
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return bool(host) and port.isascii() and port.isdigit() and len(port) <= _PORT_DIGITS and int(port) < 65_536


def _is_till(told: str) -> bool:
    return len(told) == _TILL_DIGITS and told.isascii() and told.isdigit()


def _is_network(told: str) -> bool:
    try:
        trust.networks([told])
    except ValueError:
        return False
    return True


_TILL: Final = "O caixa são três algarismos, como 001."
_FORMS: Final[Mapping[str, tuple[Callable[[str], bool], str]]] = {
    "endereço:porta": (_is_address, "O endereço não tem a forma 127.0.0.1:7059."),
    "caixa": (_is_till, _TILL),
    "caixas": (_is_till, _TILL),
    "redes": (_is_network, "A rede não tem a forma 192.168.0.0/24."),
}
"""What a text must look like, by its unit; an empty one says that there is none."""


def _place(said: str) -> str:
    """Where the parser stumbled, without its English."""
    found = _PLACE.search(said)
    if found:
        return f"linha {found[1]}, coluna {found[2]}"
    return "fim do arquivo" if "end of document" in said else ""


def _device(values: Mapping[str, Any], where: str) -> Iterator[Fault]:
    """What a device of each kind cannot do without."""
    needed = {LIBRARY: "biblioteca", EMULATED: "endereco"}.get(str(values.get("tipo")))
    if isinstance(values.get("nome"), str) and not values["nome"].strip():
        yield Fault(BAD_VALUE, "O nome está vazio.", "Dê o nome por que a loja chama o equipamento.", f"{where}.nome")
    if needed and not values.get(needed):
        yield Fault(BAD_KEY, "Falta a chave.", f"Um equipamento deste tipo precisa de {needed}.", f"{where}.{needed}")


def _spelled(key: str, told: str) -> str:
    """What two spellings of the same have in common."""
    return (normpath(told) if key == "biblioteca" else told.strip()).casefold()


def _alone(pair: Mapping[str, Any]) -> Iterator[Fault]:
    """A token of nobody."""
    if pair.get("token") and not pair.get("endereco"):
        yield Fault(BAD_KEY, "Falta a chave.", "O outro gateway precisa de endereco, como o token.", "par.endereco")


def _doubled(devices: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    """Two blocks for one device would call it at the same time; names are told apart by people."""
    for key, sentence, remedy in _OWN:
        told = Counter(_spelled(key, str(values[key])) for values in devices if values.get(key))
        for twice in (value for value, count in told.items() if count > 1):
            yield Fault(BAD_VALUE, sentence, remedy, f"{DEVICE}.{key}", twice)
