"""A reply as the interface words it: fields between bars, the official text of each code."""

from dataclasses import dataclass

from zelo.facts.sat import texto
from zelo.sim.sat.functions import Function
from zelo.sim.sat.profile import Profile

_BAR = "|"
_NO_SESSION = "000000"


@dataclass(frozen=True, slots=True)
class Voice:
    """How one call is answered: by which profile, under which session, with which warning of SEFAZ."""

    profile: Profile
    function: Function
    session: int
    notice: tuple[str, str] = ("", "")

    def say(self, suffix: str, *fields: str, cccc: str | None = None, detail: str = "") -> str:
        """The reply of an EEEEE given by its last three digits; `detail` follows the official text.

        `cccc` None leaves that field out.
        """
        eeeee = self.function.prefix + suffix
        text = texto("EEEEE", eeeee) + (f" {plain(detail)}" if detail else "")
        head = [f"{self.session:06d}" if self.session else _NO_SESSION, eeeee]
        return _BAR.join([*head, *([] if cccc is None else [cccc]), text, *map(plain, self.notice), *fields])

    def refuse(self, suffix: str, cccc: str = "0000", detail: str = "") -> str:
        """The reply of an EEEEE that is no success: with CCCC where the function has one in this profile."""
        bears = {"06": True, "07": self.profile.cancel_cccc, "13": self.profile.associate_cccc}
        return self.say(suffix, cccc=cccc if bears.get(self.function.prefix) else None, detail=detail)

    def busy(self) -> str:
        """The answer to whoever comes while another call is at work; the profile says with how many fields."""
        reply = self.refuse("098")
        return reply + _BAR * (self.profile.busy_fields - len(reply.split(_BAR)))


def plain(text: str) -> str:
    """A text that cannot be taken for two fields or two lines."""
    return " ".join(text.replace(_BAR, "/").split())
