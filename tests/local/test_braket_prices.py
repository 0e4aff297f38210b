"""The emulator's price list and the price of a shot in a device's capabilities."""

import json
from urllib.request import urlopen

from local.braket.prices import PATH, PER_SHOT, price_list
from tests.local.braket_world import ARIA, GARNET, braket_world, client_of


def test_the_list_is_published_over_http() -> None:
    with braket_world() as w, urlopen(f"{w.braket.url}{PATH}") as answer:  # noqa: S310 - the emulator's own URL
        text = answer.read().decode()

        assert text == price_list()
        w.braket.prices = "sold out"
        with urlopen(f"{w.braket.url}{PATH}") as other:  # noqa: S310 - as above
            assert other.read() == b"sold out"


def test_a_device_names_the_price_of_a_shot() -> None:
    with braket_world() as w:
        for region, arn in (("eu-north-1", GARNET), ("us-east-1", ARIA)):
            answer = client_of(w.braket, region).get_device(deviceArn=arn)
            named = json.loads(answer["deviceCapabilities"])["service"]["deviceCost"]
            assert named == {"price": float(PER_SHOT[arn.rpartition("/")[2]]), "unit": "shot"}
