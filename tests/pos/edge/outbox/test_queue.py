"""What single calls of the queue promise."""

from pathlib import Path

import pytest

from tests.pos.edge.outbox.house import AT, BUDGET_BYTES, DEVICE, EPOCH, GATEWAY, held, opened, size_bytes
from zelo.pos.edge.outbox.core import MOST_BODY_BYTES, Account, Range, Rank, ranges, within
from zelo.pos.edge.outbox.shell import aside, queue
from zelo.pos.edge.outbox.shell.file import FileError, free_pages, open_file, writing


def test_a_put_is_part_of_its_callers_transaction(tmp_path: Path) -> None:
    connection = opened(tmp_path / "q.db")
    with pytest.raises(RuntimeError, match="the journal"), writing(connection):
        queue.put(connection, Rank.FISCAL, DEVICE, "chave", b"<CFe/>", AT)
        raise RuntimeError("the journal failed")
    assert queue.ledger(connection) == []
    with pytest.raises(ValueError, match="inside a transaction"):
        queue.put(connection, Rank.FISCAL, DEVICE, "chave", b"<CFe/>", AT)
    connection.close()


def test_a_document_enters_once_and_another_content_under_its_chave_enters_too(tmp_path: Path) -> None:
    connection = opened(tmp_path / "q.db")
    with writing(connection):
        numbers = [
            queue.put(connection, Rank.FISCAL, DEVICE, "chave", body, AT).seq for body in (b"one", b"one", b"other")
        ]
        logs = [queue.put(connection, Rank.LOG, GATEWAY, "line", b"one", AT).seq for _ in range(2)]
    assert (numbers, logs) == ([1, 1, 2], [1, 2])
    connection.close()


@pytest.mark.parametrize("before", ["pending", "lost", "sent", "aside"])
def test_a_document_whose_bytes_the_disk_has_changed_enters_again(tmp_path: Path, before: str) -> None:
    """Under a number of its own: what the centre was told of the other stays true."""
    connection = opened(tmp_path / "q.db")
    with writing(connection):
        queue.put(connection, Rank.FISCAL, DEVICE, "chave", b"<CFe/>", AT)
        [item] = queue.take(connection, 9, 10**6).items
        if before == "lost":
            queue.spoil(connection, [item], AT)
        elif before == "sent":
            queue.confirm(connection, [item])
        elif before == "aside":
            aside.set_aside(connection, item, "a central respondeu 422", AT)
        connection.execute("update outbox_item set body = x'00'")
        placed = queue.put(connection, Rank.FISCAL, DEVICE, "chave", b"<CFe/>", AT)
        assert queue.put(connection, Rank.FISCAL, DEVICE, "chave", b"<CFe/>", AT) == placed
    assert placed.seq == 2
    assert [(each.seq, each.body) for each in queue.take(connection, 9, 10**6).items] == [(2, b"<CFe/>")]
    lost = 0 if before == "sent" else 1
    assert queue.ledger(connection) == [Account(DEVICE, Rank.FISCAL, emitted=2, pending=1, lost=lost)]
    assert held(connection) == ({(DEVICE, 0, 2): 1}, {}, {})
    connection.close()


def test_what_goes_first(tmp_path: Path) -> None:
    connection = opened(tmp_path / "q.db")
    with writing(connection):
        for number, rank in enumerate((Rank.LOG, Rank.FISCAL, Rank.STATUS, Rank.CONTROL, Rank.FISCAL)):
            queue.put(connection, rank, DEVICE, str(number), b"x", AT)
    assert [item.key for item in queue.take(connection, 9, 10**6).items] == ["1", "4", "3", "2", "0"]
    assert [item.key for item in queue.take(connection, 9, 10**6, newest=True).items] == ["4", "1", "3", "2", "0"]
    one = queue.take(connection, 9, 1)
    assert ([item.key for item in one.items], one.rest, one.epoch) == (["1"], True, EPOCH)
    assert queue.take(connection, 5, 10**6).rest is False
    connection.close()


def test_only_what_was_carried_is_confirmed(tmp_path: Path) -> None:
    connection = opened(tmp_path / "q.db")
    with writing(connection):
        for number in range(4):
            queue.put(connection, Rank.FISCAL, DEVICE, str(number), b"x", AT)
    carried = queue.take(connection, 2, 10**6).items
    with writing(connection):
        queue.confirm(connection, within(carried, [Range(DEVICE, Rank.FISCAL, 2, 10**9)]))
    assert [item.seq for item in queue.take(connection, 9, 10**6).items] == [1, 3, 4]
    connection.close()


def test_a_loss_that_grows_while_it_is_told_is_told_again(tmp_path: Path) -> None:
    connection = opened(tmp_path / "q.db")
    with writing(connection):
        for number in range(3):
            queue.put(connection, Rank.LOG, GATEWAY, str(number), b"x", AT)
    first, second, third = queue.take(connection, 9, 10**6).items
    with writing(connection):
        queue.spoil(connection, [first], AT)
    told = queue.take(connection, 9, 10**6).losses
    with writing(connection):
        queue.spoil(connection, [second], AT)
        queue.confirm_losses(connection, told)
    assert queue.take(connection, 9, 10**6).losses == (Range(GATEWAY, Rank.LOG, 1, 2),)
    with writing(connection):
        queue.confirm_losses(connection, [Range(GATEWAY, Rank.LOG, 1, 2)])
    assert queue.take(connection, 9, 10**6).losses == ()
    assert queue.ledger(connection) == [Account(GATEWAY, Rank.LOG, emitted=3, pending=1, lost=2)]
    assert third.seq == 3
    connection.close()


def test_losses_on_both_sides_become_one(tmp_path: Path) -> None:
    connection = opened(tmp_path / "q.db")
    with writing(connection):
        for number in range(3):
            queue.put(connection, Rank.LOG, GATEWAY, str(number), b"x", AT)
        items = queue.take(connection, 9, 10**6).items
        for place in (0, 2, 1):
            queue.spoil(connection, [items[place]], AT)
    assert queue.take(connection, 9, 10**6).losses == (Range(GATEWAY, Rank.LOG, 1, 3),)
    connection.close()


def test_the_file_has_its_size_from_the_first_day_and_keeps_it(tmp_path: Path) -> None:
    file = tmp_path / "q.db"
    opened(file).close()
    before = size_bytes(file)
    assert BUDGET_BYTES - 65_536 <= before <= BUDGET_BYTES
    connection = opened(file)
    room = free_pages(connection)
    other = opened(file)
    assert free_pages(other) == room > 900
    connection.close()
    other.close()
    assert size_bytes(file) == before


def test_a_larger_budget_makes_the_file_grow_and_a_smaller_one_leaves_it(tmp_path: Path) -> None:
    file = tmp_path / "q.db"
    with_log = opened(file)
    with writing(with_log):
        queue.put(with_log, Rank.FISCAL, DEVICE, "chave", b"<CFe/>", AT)
    with_log.close()
    opened(file, 2 * BUDGET_BYTES).close()
    assert 2 * BUDGET_BYTES - 65_536 <= size_bytes(file) <= 2 * BUDGET_BYTES
    connection = opened(file)
    assert [item.key for item in queue.take(connection, 1, 1).items] == ["chave"]
    connection.close()


def test_what_cannot_be_used_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="vai de 8 a 2048 MB, e não 1 MB"):
        opened(tmp_path / "q.db", 1_048_576)
    opened(tmp_path / "q.db").close()
    with pytest.raises(FileError, match="versão 1, e este programa usa a 2"):
        open_file(tmp_path / "q.db", BUDGET_BYTES, version=2, create=lambda _: None)
    (tmp_path / "other").write_bytes(b"not a database at all" * 1_000)
    with pytest.raises(FileError, match="está danificado"):
        opened(tmp_path / "other")


def test_an_item_has_a_bound_but_no_document_is_refused_for_its_size(tmp_path: Path) -> None:
    connection = opened(tmp_path / "q.db")
    with pytest.raises(ValueError, match="at most"), writing(connection):
        queue.put(connection, Rank.LOG, DEVICE, "log", bytes(MOST_BODY_BYTES + 1), AT)
    with writing(connection):
        assert queue.put(connection, Rank.LOG, DEVICE, "log", bytes(MOST_BODY_BYTES), AT).kept
        assert queue.put(connection, Rank.FISCAL, DEVICE, "chave", bytes(MOST_BODY_BYTES + 1), AT).kept
    connection.close()


def test_ranges() -> None:
    names = [("b", Rank.LOG, 7), ("a", Rank.LOG, 2), ("a", Rank.LOG, 1), ("a", Rank.FISCAL, 3), ("a", Rank.LOG, 4)]
    assert ranges(names) == [
        Range("a", Rank.FISCAL, 3, 3),
        Range("a", Rank.LOG, 1, 2),
        Range("a", Rank.LOG, 4, 4),
        Range("b", Rank.LOG, 7, 7),
    ]


def test_a_wal_that_a_large_transaction_made_large_is_brought_back(tmp_path: Path) -> None:
    file = tmp_path / "q.db"
    connection = opened(file, 4 * BUDGET_BYTES)
    with writing(connection):
        for number in range(1_500):
            queue.put(connection, Rank.FISCAL, DEVICE, str(number), bytes(8_000), AT)
    connection.close()
    assert size_bytes(file) > 4 * BUDGET_BYTES
    opened(file, 4 * BUDGET_BYTES).close()
    assert size_bytes(file) <= 4 * BUDGET_BYTES
