"""AWS's public price list of quantum tasks as a CSV, with the prices that the devices' capabilities name too."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from local.braket.devices import DEVICES, SIMULATOR_REGIONS, Device

#: Where AWS publishes the list, below `https://pricing.us-east-1.amazonaws.com`.
PATH = "/offers/v1.0/aws/AmazonBraket/current/index.csv"
#: US dollars for a task on any QPU, for a shot, and for a simulator's minute, as seen from 2024 to 2026. The AQT
#: device has none here, because none was seen.
PER_TASK = "0.3000000000"
PER_SHOT = {
    "Aria-1": "0.0300000000",
    "Forte-1": "0.0800000000",
    "Garnet": "0.0014500000",
    "Emerald": "0.0016000000",
    "Aquila": "0.0100000000",
    "Cepheus-1-108Q": "0.0004250000",
}
PER_MINUTE = {"SV1": "0.0750000000", "DM1": "0.0750000000"}
_METADATA = (
    ("FormatVersion", "v1.0"),
    ("Disclaimer", "Prices of the local emulator, not AWS's"),
    ("Publication Date", "2026-01-01T00:00:00Z"),
    ("Version", "20260101000000"),
    ("OfferCode", "AmazonBraket"),
)
_COLUMNS = (
    "SKU",
    "TermType",
    "PriceDescription",
    "Unit",
    "PricePerUnit",
    "Currency",
    "Product Family",
    "serviceCode",
    "Region Code",
    "DeviceName",
    "Device Name",
    "Version",
    "operation",
)

Row = Mapping[str, str]


def price_list(rows: Iterable[Row] | None = None, columns: Sequence[str] = _COLUMNS) -> str:
    """The list as AWS publishes it: metadata, column names, and a line for each price."""
    text = io.StringIO()
    lines = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    lines.writerows(_METADATA)
    table = csv.DictWriter(text, columns, restval="", quoting=csv.QUOTE_ALL, lineterminator="\n")
    table.writeheader()
    table.writerows(usual_rows() if rows is None else rows)
    return text.getvalue()


def usual_rows() -> Iterator[Row]:
    """The prices of every device, and a product that is no quantum task."""
    for device in DEVICES.values():
        yield from _of_qpu(device) if device.is_qpu else _of_simulator(device)
    yield _row("Compute Instance", "us-east-1", "hours", "0.1150000000", operation="CreateNotebook")


def per_shot(device: Device) -> str | None:
    return PER_SHOT.get(_model(device))


def _of_qpu(device: Device) -> Iterator[Row]:
    region, named, shot = device.arn.split(":")[3], _model(device), per_shot(device)
    if shot is None:
        return
    for family, column in (("Quantum Task", "DeviceName"), ("Braket Managed Jobs QPU Task", "Device Name")):
        joined = "-" if column == "DeviceName" else " "
        yield _row(family, region, "Task", PER_TASK, **{column: named})
        yield _row(f"{family}{joined}Shot", region, "Shot", shot, **{column: named})


def _of_simulator(device: Device) -> Iterator[Row]:
    families = (("Simulator Task", "CompleteTask"), ("Braket Managed Jobs Simulator Task", "Managed-Jobs"))
    for region in SIMULATOR_REGIONS:
        for family, operation in families:
            price = PER_MINUTE[device.name]
            yield _row(family, region, "minutes", price, Version=device.name, operation=operation)


def _row(family: str, region: str, unit: str, price: str, **columns: str) -> Row:
    common = {"Product Family": family, "Region Code": region, "Unit": unit, "PricePerUnit": price}
    sku = "".join(each[:3].upper() for each in (family, region, *columns.values()))
    return {"SKU": sku, "TermType": "OnDemand", "serviceCode": "AmazonBraket", "Currency": "USD"} | common | columns


def _model(device: Device) -> str:
    """The device's name in the list, which is the end of its ARN with a capital."""
    return device.arn.rpartition("/")[2]
