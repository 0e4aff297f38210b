"""The price list: what is read of it, and each way in which it can be unusable."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO, TextIOWrapper

import pytest

from braket_notifier.costs.prices import TOO_OLD, Prices, parse_prices, stored_prices
from braket_notifier.errors import UnusablePricesError
from local.braket.prices import price_list, usual_rows
from tests.conftest import GARNET, SV1

TODAY = date(2026, 11, 20)
AQT = "arn:aws:braket:eu-north-1::device/qpu/aqt/Ibex-Q1"
Rows = list[dict[str, str]]


def parsed(text: str) -> Prices:
    return parse_prices(text.splitlines(keepends=True), TODAY)


def garnet(rows: Rows) -> dict[str, str]:
    """The price of a shot on Garnet."""
    return next(each for each in rows if each.get("DeviceName") == "Garnet" and each["Product Family"].endswith("Shot"))


def changed(**columns: str) -> str:
    rows = [dict(each) for each in usual_rows()]
    garnet(rows).update(columns)
    return price_list(rows)


def test_prices_are_read_by_region_item_and_device() -> None:
    prices = parsed(price_list())

    assert prices.as_of == TODAY
    assert prices.of("eu-north-1", "shot", GARNET) == Decimal("0.00145")
    assert prices.of("eu-north-1", "job task", GARNET) == Decimal("0.30")
    assert prices.of("us-east-1", "minute", SV1) == prices.of("us-east-1", "job minute", SV1) == Decimal("0.075")
    assert prices.of("us-east-1", "shot", GARNET) is None
    assert prices.of("eu-north-1", "shot", AQT) is None


def test_a_list_in_all_of_aws_s_columns_and_with_windows_line_ends_is_read() -> None:
    """As AWS writes any price list: quoted fields with commas, quotes and line ends, and columns of no interest."""
    rows = [
        {
            "OfferTermCode": "JRTCKXETXF",
            "RateCode": f"{each['SKU']}.JRTCKXETXF.6YS6EN2CT7",
            "PriceDescription": '$0.00145 per "shot",\non a device',
            "EffectiveDate": "2026-11-01",
            "StartingRange": "0",
            "EndingRange": "Inf",
            "Location": "EU (Stockholm)",
            **each,
        }
        for each in usual_rows()
    ]
    # fmt: off
    columns = (
        "SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange",
        "EndingRange", "Unit", "PricePerUnit", "Currency", "RelatedTo", "LeaseContractLength", "PurchaseOption",
        "OfferingClass", "Product Family", "serviceCode", "Location", "Location Type", "Instance Type", "usageType",
        "operation", "Device Name", "DeviceName", "Region Code", "serviceName", "Version",
    )
    # fmt: on
    whole = price_list(rows, columns).replace("\n", "\r\n")

    assert parsed(whole) == parsed(price_list())


def test_the_list_may_write_a_device_in_capitals() -> None:
    prices = parsed(changed(DeviceName="IBEX-Q1"))

    assert prices.of("eu-north-1", "shot", AQT) == Decimal("0.00145")


def test_prices_for_seconds_and_hours_become_prices_for_minutes() -> None:
    rows = [each for each in usual_rows() if each.get("Version") == "SV1"][:2]
    units = [dict(rows[0], Unit="hours", PricePerUnit="4.5"), dict(rows[1], Unit="seconds", PricePerUnit="0.00125")]

    prices = parsed(price_list(units))

    found = [prices.of("us-east-1", item, SV1) for item in ("minute", "job minute")]
    assert [round(each or Decimal(0), 10) for each in found] == [Decimal("0.075"), Decimal("0.075")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        # the column of a device's name in an older list
        (price_list().replace("DeviceName", "Device name"), "columns are missing: DeviceName"),
        # a proxy's page
        ("<!DOCTYPE html>\n<html>\n<body>\n<h1>\nSign in\n</h1>\n</body>\n</html>\n", "columns are missing"),
        ("", "columns are missing"),
        # cut inside a quoted value, after a value, and after the column names
        (price_list()[:-40], "not a CSV|cut short"),
        (price_list().rsplit(",", 3)[0], "cut short"),
        (price_list([]), "0 prices"),
        (price_list(each for each in usual_rows() if "Compute" in each["Product Family"]), "0 prices"),
        (price_list([*usual_rows(), *usual_rows()]), "has two prices"),
        (changed(Currency="CNY"), "eu-north-1 shot garnet is in 'CNY', not in USD"),
        (changed(PricePerUnit="-0.00145"), "'-0.00145' is no price"),
        (changed(PricePerUnit="1450"), "'1450' is no price"),
        (changed(PricePerUnit="1e-300000000"), "'1e-300000000' is no price"),
        (changed(PricePerUnit="NaN"), "'NaN' is no price"),
        (changed(PricePerUnit="free"), "'free' is no price"),
        (changed(PricePerUnit=""), "'' is no price"),
        (price_list().replace('"minutes"', '"fortnights"'), "is for 'fortnights'; allowed: seconds, minutes, hours"),
        (
            price_list(dict(garnet([dict(e) for e in usual_rows()]), DeviceName=f"d{n}") for n in range(1001)),
            "1001 prices",
        ),
        # a field of 200,000 characters
        (changed(PriceDescription="x" * 200_000), "not a CSV"),
    ],
)
def test_a_list_that_is_unusable_in_part_is_unusable(text: str, why: str) -> None:
    with pytest.raises(UnusablePricesError, match=why):
        parsed(text)


def test_bytes_that_are_no_text_are_unusable() -> None:
    with pytest.raises(UnusablePricesError, match="not a CSV"):
        parse_prices(TextIOWrapper(BytesIO(b"\x1f\x8b\xff\n" * 9), encoding="utf-8"), TODAY)


def test_stored_prices_are_read_as_they_were() -> None:
    prices = parsed(price_list())

    assert stored_prices(prices.to_json()) == prices


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"as_of": "yesterday", "prices": [["eu-north-1", "shot", "garnet", "0.1"]]},
        {"as_of": "2026-11-20", "prices": []},
        {"as_of": "2026-11-20", "prices": [["eu-north-1", "dozen", "garnet", "0.1"]]},
        {"as_of": "2026-11-20", "prices": [["eu-north-1", "shot", "garnet"]]},
        {"as_of": "2026-11-20", "prices": [["eu-north-1", "shot", "garnet", "1e99"]]},
        {"as_of": 20, "prices": [["eu-north-1", "shot", "garnet", "0.1"]]},
    ],
)
def test_stored_prices_of_another_form_are_unusable(members: dict[str, object]) -> None:
    with pytest.raises(UnusablePricesError):
        stored_prices(members)


def test_a_list_states_the_prices_of_45_days() -> None:
    prices = parsed(price_list())

    assert prices.cover(TODAY + TOO_OLD)
    assert not prices.cover(TODAY + TOO_OLD + timedelta(days=1))
