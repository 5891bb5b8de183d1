"""The tables of the queue. They share their file with the journal, so that one commit holds a coupon in both.

The name of an item is (epoch, emitter, rank, seq); `turn`, its rowid, is its place in the order of arrival. An item is
never rewritten: `outbox_shelf` tells whether it is pending (0), settled (1: the centre has it, or it is declared lost)
or set aside (2: the centre refuses it, and `outbox_aside` tells since when and why), so a batch that is confirmed costs
a page or two and not one for each document, which spares the memory cards of tills.
`outbox_loss.told` is the last number of the range that the centre has acknowledged as lost, below `first` for none.
"""

from typing import Final

ASIDE: Final = """create table if not exists outbox_aside (
        turn integer primary key, at integer not null, said text not null
    ) strict"""
"""Younger than the others: a file that has it not is given it when it is opened."""
TABLES: Final = (
    "create table outbox_epoch (only integer primary key check (only = 1), epoch text not null) strict",
    """create table outbox_stream (
        emitter text not null, rank integer not null, emitted integer not null,
        primary key (emitter, rank)
    ) strict, without rowid""",
    """create table outbox_item (
        turn integer primary key, rank integer not null, emitter text not null, seq integer not null,
        key text not null, at integer not null, crc integer not null, body blob not null
    ) strict""",
    """create table outbox_shelf (
        settled integer not null, rank integer not null, turn integer not null,
        primary key (settled, rank, turn)
    ) strict, without rowid""",
    "create unique index outbox_document on outbox_item (key, crc) where rank = 0",
    """create table outbox_loss (
        emitter text not null, rank integer not null, first integer not null, last integer not null,
        at integer not null, told integer not null,
        primary key (emitter, rank, first)
    ) strict, without rowid""",
    ASIDE,
)
