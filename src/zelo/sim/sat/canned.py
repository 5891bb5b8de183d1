"""The profile that remembers nothing: the same success for every call, with the literals that satcfe's tests expect.

The values are those that its published test-suite (satcfe 2.2, 2022) compares with; the certificate request is the
well-known example of a library for e-mail that it uses.
"""

import base64
from datetime import datetime
from typing import Final

from zelo.sim.sat.functions import Call
from zelo.sim.sat.reply import Voice

_CHAVE: Final = "CFe35000000000000000000590000000000000000000001"
_CHAVE_OF_CANCEL: Final = "CFe12345678901234567890123456789012345678901234"
_TOTAL: Final = "4.73"
_NO_IP: Final = "000.000.000.000"
_CSR: Final = """-----BEGIN CERTIFICATE REQUEST-----
MIIBnTCCAQYCAQAwXTELMAkGA1UEBhMCU0cxETAPBgNVBAoTCE0yQ3J5cHRvMRIw
EAYDVQQDEwlsb2NhbGhvc3QxJzAlBgkqhkiG9w0BCQEWGGFkbWluQHNlcnZlci5l
eGFtcGxlLmRvbTCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkCgYEAr1nYY1Qrll1r
uB/FqlCRrr5nvupdIN+3wF7q915tvEQoc74bnu6b8IbbGRMhzdzmvQ4SzFfVEAuM
MuTHeybPq5th7YDrTNizKKxOBnqE2KYuX9X22A1Kh49soJJFg6kPb9MUgiZBiMlv
tb7K3CHfgw5WagWnLl8Lb+ccvKZZl+8CAwEAAaAAMA0GCSqGSIb3DQEBBAUAA4GB
AHpoRp5YS55CZpy+wdigQEwjL/wSluvo+WjtpvP0YoBMJu4VMKeZi405R7o8oEwi
PdlrrliKNknFmHKIaCKTLRcU59ScA6ADEIWUzqmUzP5Cs6jrSRo3NKfg1bd09D1K
9rsQkRc9Urv9mRBIsredGnYECNeRaK5R1yzpOowninXC
-----END CERTIFICATE REQUEST-----"""
_STATUS: Final = (
    "000000000", "DHCP", _NO_IP, "00:00:00:00:00:00", "255.255.255.000", _NO_IP, _NO_IP, _NO_IP, "CONECTADO", "ALTO",
    "1 GBYTE", "0 BYTES", "20150701000000", "00.00.00", "00.00", _CHAVE[3:], _CHAVE[3:], _CHAVE[3:],
    "20150401000000", "20150401000000", "20150101", "20501231", "0",
)  # fmt: skip


def canned(call: Call, voice: Voice, local: datetime) -> str:
    """The reply; only the session and the instant differ from call to call."""
    stamp = f"{local:%Y%m%d%H%M%S}"
    sale = ("PENGZT4uLi48L0NGZT4=", stamp, _CHAVE, _TOTAL, "00000000000000", "Z5nVOlWc...3RIw==")
    cancel = ("PENGZUNhbmM+Li4uPC9DRmVDYW5jPg==", stamp, _CHAVE_OF_CANCEL, _TOTAL, "11122233396", "RGFkb3MgUVJDb2Rl")
    log = base64.b64encode(_LOG.encode()).decode()
    fields = {
        "AtivarSAT": (base64.b64encode(_CSR.encode()).decode(),),
        "EnviarDadosVenda": sale,
        "CancelarUltimaVenda": cancel,
        "TesteFimAFim": (sale[0], stamp, "000001", _CHAVE_OF_CANCEL),
        "ConsultarStatusOperacional": _STATUS,
        "ExtrairLogs": (log,),
    }.get(call.function.name, ())
    suffix = _FIXED.get(call.function.name, "000")
    cccc = "0000" if call.function.prefix in ("06", "07", "13") else None
    return voice.say(suffix, *fields, cccc=cccc)


_FIXED: Final = {"ConsultarNumeroSessao": "003", "ConsultarUltimaSessaoFiscal": "003", "DesligarSAT": "099"}
_LOG: Final = (
    "20190620125201|SAT-SEFAZ|erro|Erro ao transmitir lote para a SEFAZ\n"
    "20190620125210|AC-SAT|info|Recebida mensagem referente a função TesteFimAFim\n"
    "20190620125218|SAT|erro|Erro ao gerar certificado"
)
