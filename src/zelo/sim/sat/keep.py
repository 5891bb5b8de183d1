"""The functions that look after the device: activation, link to the till's program, network, software, code, log."""

import base64
import binascii
from dataclasses import replace
from datetime import timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from zelo.fiscal.cnpj import is_cnpj
from zelo.sim.pki import issue_device
from zelo.sim.sat.sale import parse
from zelo.sim.sat.state import Block, Step
from zelo.sim.sat.turn import Turn
from zelo.sim.sat.unit import uf_of

BY_SEFAZ, BY_ICP, RENEWAL = 1, 2, 3
"""subComando of AtivarSAT: certificate of the AC-SAT, of ICP-Brasil, renewal of the latter."""
CURRENT, EMERGENCY = 1, 2
"""opcao of TrocarCodigoDeAtivacao."""
CODE_CHARACTERS = range(8, 33)
CERTIFICATE_LIFE = timedelta(days=5 * 365)

_CNPJS_CHARACTERS = 28
_SIGNATURE_CHARACTERS = 344
_VERSION_DIGITS = 6
_NAME_CHARACTERS = 64
_NOTHING_NEW = "104"
_LANS = ("DHCP", "PPPoE", "IPFIX")
_NETWORK_TAGS = {
    "tipoLan": "kind",
    "lanIP": "ip",
    "lanMask": "mask",
    "lanGW": "gateway",
    "lanDNS1": "dns_1",
    "lanDNS2": "dns_2",
}


def activate(turn: Turn) -> Step:
    """AtivarSAT: the code is chosen here, and with the first kind the certificate comes at once."""
    state, kind, code = turn.state, turn.number("subcomando"), turn.text("codigo")
    known = kind in (BY_SEFAZ, BY_ICP, RENEWAL) and uf_of(turn.number("cuf")) is turn.unit.uf
    if not known or len(code) not in CODE_CHARACTERS or (kind == RENEWAL and code != state.code):
        return turn.refuse("099")
    if state.ceased:
        return turn.refuse("004")
    if state.active and kind != RENEWAL:
        return turn.refuse("003")
    if not turn.unit.registry.reachable:
        return turn.refuse("005")
    cnpj = turn.text("cnpj")
    if not is_cnpj(cnpj) or cnpj != turn.unit.registry.taxpayer.cnpj:
        return turn.refuse("002")
    owned = replace(state, code=code, cnpj=cnpj, contact_at=turn.now)
    if kind == BY_SEFAZ:
        activated = replace(owned, active=True, certificate=_certificate(turn, cnpj))
        return Step(activated, turn.voice.say("000", ""))
    return Step(replace(owned, csr_made=True), turn.voice.say("006", _request(turn, cnpj)))


def _certificate(turn: Turn, cnpj: str) -> bytes:
    unit, end = turn.unit, turn.now + CERTIFICATE_LIFE
    owner = unit.registry.taxpayer.name
    made = issue_device(unit.authority, cnpj, owner, unit.nserie, turn.now, end, unit.key)
    return made.public_bytes(Encoding.DER)


def _request(turn: Turn, cnpj: str) -> str:
    """A CSR in PEM, in base64."""
    owner = f"{turn.unit.registry.taxpayer.name}:{cnpj}"
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, owner[:_NAME_CHARACTERS])])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(turn.unit.key, SHA256())
    return base64.b64encode(made.public_bytes(Encoding.PEM)).decode()


def certify(turn: Turn) -> Step:
    """ComunicarCertificadoICPBRASIL: the certificate that was made from the CSR."""
    if not turn.state.csr_made:
        return turn.refuse("099")
    if not turn.unit.registry.reachable:
        return turn.refuse("002")
    try:
        given = x509.load_pem_x509_certificate(turn.text("certificado").encode())
        given.verify_directly_issued_by(turn.unit.authority.issuing)
    except (ValueError, TypeError, InvalidSignature):
        return turn.refuse("003")
    fits = given.public_key() == turn.unit.key.public_key()
    if not fits or not given.not_valid_before_utc <= turn.now <= given.not_valid_after_utc:
        return turn.refuse("003")
    held = given.public_bytes(Encoding.DER)
    return turn.done(active=True, csr_made=False, certificate=held, contact_at=turn.now)


def answer(turn: Turn) -> Step:
    """ConsultarSAT: alive."""
    return turn.done()


def link(turn: Turn) -> Step:
    """AssociarAssinatura: from now on sales must bear this signAC."""
    cnpjs, signature, registry = turn.text("cnpjs"), turn.text("assinatura"), turn.unit.registry
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not raw or len(signature) > _SIGNATURE_CHARACTERS or len(cnpjs) != _CNPJS_CHARACTERS:
        return turn.refuse("003")
    half = _CNPJS_CHARACTERS // 2
    house, emitter = cnpjs[:half], cnpjs[half:]
    if emitter != turn.state.cnpj:
        return turn.refuse("007")
    if not registry.reachable:
        return turn.refuse("002")
    if registry.houses and house not in registry.houses:
        return turn.refuse("005")
    if registry.houses and not _holds(registry.houses[house], raw, cnpjs):
        return turn.refuse("004")
    cccc = "0000" if turn.unit.profile.associate_cccc else None
    state = replace(turn.state, sign_ac=signature, contact_at=turn.now)
    return Step(state, turn.voice.say("000", cccc=cccc))


def _holds(key: RSAPublicKey, signature: bytes, text: str) -> bool:
    try:
        key.verify(signature, text.encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def configure(turn: Turn) -> Step:
    """ConfigurarInterfaceDeRede: an address that is not given stays, as one that DHCP gave."""
    root = parse(turn.text("configuracao"))
    told = {} if root is None else {str(node.tag): node.text or "" for node in root}
    if root is None or root.tag != "config" or told.get("tipoLan") not in _LANS:
        return turn.refuse("002")
    given = {field: told[tag] for tag, field in _NETWORK_TAGS.items() if told.get(tag)}
    return turn.done(network=replace(turn.state.network, **given))


def update(turn: Turn) -> Step:
    """AtualizarSoftwareSAT: takes what SEFAZ holds; while that goes on, every call says so."""
    registry = turn.unit.registry
    if not registry.reachable:
        return turn.refuse("003")
    if len(registry.software) != _VERSION_DIGITS or not registry.software.isdecimal():
        return turn.refuse("004")
    if registry.software == turn.state.software:
        voice = replace(turn.voice, notice=(_NOTHING_NEW, ""))
        return Step(replace(turn.state, contact_at=turn.now), voice.say("000"))
    until = turn.now + turn.unit.terms.update
    return turn.done(software=registry.software, updating_until=until, contact_at=turn.now)


def extract_log(turn: Turn) -> Step:
    """ExtrairLogs."""
    return turn.done(base64.b64encode("\n".join(turn.state.log).encode()).decode())


def block(turn: Turn) -> Step:
    """BloquearSAT: only after it was asked for at SEFAZ, and with every coupon sent."""
    if turn.state.block is Block.TAXPAYER:
        return turn.refuse("002")
    if not turn.unit.registry.reachable:
        return turn.refuse("003")
    if not turn.unit.registry.block_asked:
        return turn.refuse("004")
    if turn.state.pending or turn.state.block is not Block.NONE:
        return turn.refuse("099", detail="(existem cupons a serem transmitidos)" if turn.state.pending else "")
    return turn.done(block=Block.TAXPAYER, contact_at=turn.now)


def unblock(turn: Turn) -> Step:
    """DesbloquearSAT: a block of SEFAZ cannot be lifted here, an autonomous one lifts itself."""
    fixed = {Block.SEFAZ: "003", Block.DEACTIVATION: "007"}.get(turn.state.block)
    if fixed:
        return turn.refuse(fixed)
    if turn.state.block is Block.NONE:
        return turn.refuse("006" if turn.blocks_itself() else "005")
    if not turn.unit.registry.reachable:
        return turn.refuse("004")
    if not turn.unit.registry.unblock_asked:
        return turn.refuse("002")
    return turn.done(block=Block.NONE, contact_at=turn.now)


def change_code(turn: Turn) -> Step:
    """TrocarCodigoDeAtivacao: by the current code or that of emergency, which also ends a block by wrong codes."""
    option, given, new = turn.number("opcao"), turn.text("codigo"), turn.text("novo")
    if option == CURRENT and (not turn.state.code or given != turn.state.code):
        return turn.refuse("001")
    if option == EMERGENCY and given != turn.unit.emergency:
        return turn.refuse("002")
    if option not in (CURRENT, EMERGENCY) or new != turn.text("confirmacao") or len(new) not in CODE_CHARACTERS:
        return turn.refuse("099")
    return turn.done(code=new, wrong_codes=0)


def old_session(turn: Turn) -> Step:
    """ConsultarNumeroSessao: the very reply of that session, its own number in front."""
    wanted = turn.number("consultada")
    found = next((each for each in turn.state.sessions if each.number == wanted and each.reply), None)
    return Step(turn.state, found.reply) if found else turn.refuse("003")


def last_fiscal_session(turn: Turn) -> Step:
    """ConsultarUltimaSessaoFiscal: the very reply of the last sale, cancel or test."""
    found = turn.state.last_fiscal
    return Step(turn.state, found) if found else turn.refuse("003")


def deactivate(turn: Turn) -> Step:
    """DesativarSAT: only from the block for deactivation, with every coupon sent."""
    if turn.state.block is not Block.DEACTIVATION or turn.state.pending:
        return turn.refuse("099", detail="(equipamento não pode ser desativado)")
    return turn.done(active=False, ceased=True)


def switch_off(turn: Turn) -> Step:
    """DesligarSAT: the last reply before the power goes."""
    return Step(replace(turn.state, off=True), turn.voice.refuse("099", detail="(SAT-CF-e será desligado)"))
