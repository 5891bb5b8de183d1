"""A notice as a mail: plain text and a sober HTML alternative, the same bytes on every try."""

from dataclasses import asdict
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Any, Final

from jinja2 import Environment, StrictUndefined

from zelo.notify.core import NAME_CHARS, Letter, good_address, line, whole

_TEXT: Final = """\
{{ letter.company }} · {{ letter.ambiente }}

{{ letter.headline }}

{% for text, path in letter.lines %}
* {{ text }}
{% if url %}  {{ url }}{{ path }}
{% endif %}
{% endfor %}
{% if letter.more %}* e mais {{ more }}.
{% endif %}

O que fazer: {{ letter.advice }}
{% if url %}
{{ url }}{{ letter.path }}
{% endif %}

{{ "-- " }}
Aviso do zelo. {{ why }}{% if url %} {{ url }}/conta{% endif %}

"""
_HTML: Final = """\
<!doctype html>
<html lang="pt-BR"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ letter.subject }}</title></head>
<body style="margin:0;padding:24px 12px;background:#f4f6f4;color:#17211e;font:16px/1.5 Arial,Helvetica,sans-serif">
<div style="max-width:600px;margin:0 auto;background:#ffffff;border:1px solid #dbe2de;border-radius:8px;padding:24px">
<p style="margin:0 0 8px;color:#586560;font-size:14px">{{ letter.company }} · <strong>{{ letter.ambiente }}</strong></p>
<h1 style="margin:0 0 16px;font-size:21px;line-height:1.3">{{ letter.headline }}</h1>
{% for text, path in letter.lines %}
<p style="margin:0;padding:12px 0;border-top:1px solid #dbe2de;overflow-wrap:anywhere">{{ text }}
{%- if url %} <a href="{{ url }}{{ path }}" style="color:#0a6a5c">Abrir</a>{% endif %}</p>
{% endfor %}
{% if letter.more %}
<p style="margin:0;padding:12px 0;border-top:1px solid #dbe2de">e mais {{ more }}.</p>
{% endif %}
<p style="margin:12px 0 0;padding:12px 16px;background:#f4f6f4;border-radius:8px"><strong>O que fazer.</strong> \
{{ letter.advice }}</p>
{% if url %}
<p style="margin:16px 0 0"><a href="{{ url }}{{ letter.path }}" style="display:inline-block;background:#0a6a5c;\
color:#ffffff;text-decoration:none;padding:10px 18px;border-radius:8px;font-weight:bold">Abrir no zelo</a></p>
{% endif %}
</div>
<p style="max-width:600px;margin:12px auto 0;color:#586560;font-size:13px">Aviso do zelo. {{ why }}\
{% if url %} <a href="{{ url }}/conta" style="color:#586560">Minha conta</a>{% endif %}</p>
</body></html>
"""
WHY: Final = (
    "Você o recebe por trabalhar nesta empresa ou por estar na lista de avisos dela. Para não receber mais, "
    "desligue-os em Minha conta, ou peça a um administrador."
)
_OPTIONS: Final[dict[str, Any]] = {"undefined": StrictUndefined, "trim_blocks": True}
_AS_TEXT: Final = Environment(autoescape=False, **_OPTIONS).from_string(_TEXT)  # noqa: S701 plain text has no markup
_AS_HTML: Final = Environment(autoescape=True, **_OPTIONS).from_string(_HTML)


def kept(letter: Letter) -> dict[str, Any]:
    """A letter as it is kept."""
    return asdict(letter)


def read(content: dict[str, Any]) -> Letter:
    """The inverse of `kept`."""
    lines = tuple((text, path) for text, path in content["lines"])
    return Letter(**{**content, "lines": lines})


def html(letter: Letter, url: str) -> str:
    """The page of the mail; `url` is where the installation is found from outside, or "" for no links."""
    return _AS_HTML.render(_words(letter, url))


def _words(letter: Letter, url: str) -> dict[str, object]:
    return {"letter": letter, "more": whole(letter.more), "url": url.rstrip("/"), "why": WHY}


def message(letter: Letter, *, mail_id: str, sender: Address, address: str, name: str, at: datetime, url: str) -> bytes:
    """The whole mail to one good address. `mail_id` makes its Message-ID, so that a second copy can be told."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = Address(line(name, NAME_CHARS), addr_spec=address)
    mail["Subject"] = letter.subject
    mail["Date"] = at
    mail["Message-ID"] = f"<{mail_id}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_AS_TEXT.render(_words(letter, url)))
    mail.add_alternative(html(letter, url), subtype="html")
    return mail.as_bytes()


def sender_of(text: str) -> Address:
    """The sender of a setting: an address, or a name with the address in angle brackets. Raises ValueError."""
    name, address = parseaddr(text)
    good = good_address(address)
    if good is None:
        raise ValueError(f"no address: {text!r}")
    return Address(line(name, NAME_CHARS), addr_spec=good)
