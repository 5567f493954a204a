"""Starts are counted by address and in all; an address is kept as a hash."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shells import rates
from shells.addresses import address_of, network_of
from shells.models import Start


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("unix:", "unknown"),
        ("192.0.2.7, 198.51.100.1", "unknown"),
        ("2001:db8::/64", "unknown"),
    ],
)
def test_networks(host, network) -> None:
    assert network_of(host) == network


@pytest.mark.parametrize("client", [None, [], ["192.0.2.7", 1], ["2001:db8::1", 1]])
def test_an_address_is_kept_as_a_keyed_hash(client, settings) -> None:
    before = address_of({"client": client})
    assert len(before) == 32
    settings.SECRET_KEY = "another " * 10
    assert address_of({"client": client}) != before


def test_no_row_has_an_address(db) -> None:
    rates.note_start("1", address_of({"client": ["192.0.2.7", 1]}))
    assert {field.name for field in Start._meta.fields} == {"id", "number", "address", "at"}
    assert "192.0.2.7" not in str(Start.objects.values().get())


def test_from_one_address(db, settings) -> None:
    settings.IVLE_GUEST_STARTS_PER_ADDRESS = 2
    for number in "12":
        rates.note_start(number, "here")
    with pytest.raises(rates.TooOften, match="in an hour"):
        rates.note_start("3", "here")
    rates.note_start("4", "there")
    assert Start.objects.filter(address="here").count() == 2


def test_after_an_hour_again(db, settings) -> None:
    settings.IVLE_GUEST_STARTS_PER_ADDRESS = 1
    rates.note_start("1", "here")
    Start.objects.update(at=Start.objects.get().at - rates.HOUR)
    rates.note_start("2", "here")


def test_by_all(db, settings) -> None:
    settings.IVLE_GUEST_STARTS_PER_MINUTE = 2
    for number in "12":
        rates.note_start(number, f"at {number}")
    with pytest.raises(rates.TooOften, match="Wait a minute"):
        rates.note_start("3", "elsewhere")
    Start.objects.update(at=Start.objects.first().at - timedelta(minutes=1))
    rates.note_start("4", "elsewhere")


def test_a_capability_starts_once(db, django_assert_num_queries) -> None:
    rates.note_start("1", "here")
    with django_assert_num_queries(3), pytest.raises(rates.StartedBefore):
        rates.note_start("1", "there")


def test_of_several_at_the_same_moment_the_last_go(db, settings, monkeypatch) -> None:
    """Another process writes its start between our question and our writing."""
    settings.IVLE_GUEST_STARTS_PER_ADDRESS = 1
    create = Start.objects.create

    def create_late(**fields):
        create(number="theirs", address="here")
        return create(**fields)

    monkeypatch.setattr(Start.objects, "create", create_late)
    with pytest.raises(rates.TooOften):
        rates.note_start("ours", "here")
    assert [start.number for start in Start.objects.all()] == ["theirs"]
