"""The demonstration of a shop runs to its end and proves itself; what it proves can be found wrong."""

import random
import re
import threading
from pathlib import Path

import pytest

from zelo.cli import demo_pdv
from zelo.cli.shop import Shop, Till, sale
from zelo.models.cfe.sale import Sale, read_sale


@pytest.mark.simulate
def test_the_show_ends_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert demo_pdv.run(once=True, stop=threading.Event()) == 0
    said = capsys.readouterr().out
    assert re.search(r"Página do gateway em http://127\.0\.0\.1:\d+", said)
    assert "Dúvida resolvida" in said


def test_a_folder_of_somebody_else_is_not_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kept = tmp_path / demo_pdv.FOLDER / "minha"
    kept.mkdir(parents=True)
    with pytest.raises(demo_pdv.DemoPdvError, match="não é de uma demonstração"):
        demo_pdv.run(once=True, stop=threading.Event())
    assert kept.exists()


def test_the_proof_compares_tills_devices_and_centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    coupon = {"chave": "1" * 44, "kind": "CFe", "of": ""}
    spare = {"chave": "2" * 44, "kind": "CFe", "of": ""}
    cancel = {"chave": "3" * 44, "kind": "CFeCanc", "of": "2" * 44}
    shop = Shop(tmp_path)
    first, *_ = shop.devices
    shop.devices, shop.tills = [first], [Till("001", ["1" * 44])]
    memory = [coupon, spare, cancel]
    account = {"emitter": first.plate.nserie, "rank": "fiscal", "received": 3, "missing": [], "pending": 0}
    monkeypatch.setattr(type(first), "memory", lambda _: memory)
    monkeypatch.setattr(Shop, "accounts", lambda _: [account])
    assert demo_pdv.prove(shop) == []
    account["received"] = 2
    assert "a central tem 2" in demo_pdv.prove(shop)[0]
    account["received"] = 3
    shop.tills[0].chaves.append("9" * 44)
    assert "1 que não valem" in demo_pdv.prove(shop)[0]
    memory.remove(cancel)
    assert any("segundo cupom" in fault for fault in demo_pdv.prove(shop))


@pytest.mark.parametrize("seed", range(20))
def test_a_till_sells_what_can_be_sold(seed: int) -> None:
    assert isinstance(read_sale(sale("001", random.Random(seed))), Sale)
