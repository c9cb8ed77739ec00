from __future__ import annotations

from harness.nearest import meant, nearest


def test_the_best_come_first_and_not_too_many():
    known = ["ny.zones", "ny.trips_2020", "ny.trips", "other"]
    assert nearest("ny.trip", known, most=2) == ["ny.trips", "ny.trips_2020"]


def test_case_and_punctuation_count_for_nothing():
    assert nearest("VendorID", ["fare_amount", "vendor_id", "vendorid"]) == [
        "vendor_id",
        "vendorid",
    ]


def test_one_name_is_meant_or_none():
    assert meant("data_lodaer", ("data_loader", "data_exporter")) == "data_loader"
    assert meant("quite another", ("data_loader",)) == ""
    assert meant("any", ()) == ""
