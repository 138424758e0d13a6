"""Addresses in Latin letters and addresses in lines: number and street are the block, wherever they were delivered."""

import pytest

from linkage.addresses import address_key
from linkage.latin_addresses import any_address_key

FOO = ("KALEEN", "12 FOOST", "")


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("12 Foo Street, Kaleen", FOO),
        ("１２ foo st., kaleen 2617", FOO),
        ("Kaleen\n12 Foo Street\n", FOO),
        ("12 Foo St, Apt 4, Kaleen", ("KALEEN", "12 FOOST", "4")),
        ("4/12 Foo Street, Kaleen", ("KALEEN", "12 FOOST", "4")),
        ("Flat 4, 12 Foo Street, Kaleen", ("KALEEN", "12 FOOST", "4")),
        ("12 Foo Street #4B, Kaleen", ("KALEEN", "12 FOOST", "4B")),
        ("Kaleen\n12 Foo St Unit 4\n", ("KALEEN", "12 FOOST", "4")),
        ("Kaleen\n12 Foo Street\nFlat 4", ("KALEEN", "12 FOOST", "4")),
        ("Kaleen\n12 Rosehill\nFoo Street", ("KALEEN", "12 ROSEHILL", "FOOST")),
        ("Kaleen\n\n", ("KALEEN", "", "")),
        ("\n12 Foo Street\n", ("", "12 FOOST", "")),
        ("12 3rd Avenue, Springfield, IL", ("SPRINGFIELDIL", "12 3RDAVE", "")),
        ("1 21st St, Kaleen", ("KALEEN", "1 21STST", "")),
        ("12 1st St, Kaleen", ("KALEEN", "12 1STST", "")),
        ("Rose Cottage, Mill Lane, Ashford", ("MILLLANEASHFORD", "ROSECOTTAGE", "")),
        ("5 Rua d'Évora, São Paulo", ("SAOPAULO", "5 RUADEVORA", "")),
        ("Flat Rock Road 7, Kaleen", ("KALEEN", "FLATROCKRD7", "")),
        ("PO Box 52", ("", "POBOX52", "")),
        ("Kaleen", ("KALEEN", "", "")),
        (" , ", ("", "", "")),
    ],
)
def test_latin(address, key):
    assert any_address_key(address) == key


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ("粟生間谷西\n3丁目2番1号\nグリーンハイツ101", "粟生間谷西3-2-1 グリーンハイツ101"),
        ("\n粟生間谷西三丁目２－１\nGREEN HILL 101", "粟生間谷西3-2-1 GREENHILL101"),
        ("粟生間谷西\n3-2-1\n", "粟生間谷西3-2-1"),
        ("\n3-2-1\n", "3-2-1"),
    ],
)
def test_a_japanese_address_in_lines_is_that_address(parts, whole):
    assert any_address_key(parts) == address_key(whole)


@pytest.mark.parametrize(
    "address", ["粟生間谷西3-2-1 Green Hill 101", "1-2-3 GREEN HILL 405", "3-2-1", "半町1-2-3\n101"]
)
def test_a_japanese_address_stays_what_it_was(address):
    assert any_address_key(address) == address_key(address)
