"""Options of the province from the environment."""

from pathlib import Path

import pytest

from backend.sandbox.options import Options, ProvinceError, read_keys
from tests.sandbox_world import GATEWAY_KEY


def test_without_any_setting_it_runs_on_loopback_below_the_data_folder() -> None:
    options = Options.from_environ({})
    assert (options.host, options.base_port, options.demo_latency) == ("127.0.0.1", 18100, True)
    assert options.database("gongan") == Path(".data/sandbox/gongan.db")
    assert options.manifests == Path(".data/manifests")
    assert options.gateway_keys == {}
    assert options.gateway_url is None


def test_every_setting_is_read() -> None:
    options = Options.from_environ(
        {
            "SST_DATA_DIR": "other",
            "SST_SANDBOX_HOST": "10.0.0.7",
            "SST_SANDBOX_PUBLIC_HOST": "sandbox",
            "SST_SANDBOX_PORT": "0",
            "SST_SANDBOX_LATENCY": "off",
            "SST_SANDBOX_PEOPLE": "50",
            "SST_GATEWAY_URL": "http://gateway:8000",
            "SST_GATEWAY_PUBLIC_KEYS": f"gateway-1:{GATEWAY_KEY.public_base64}",
            "WECHAT_APP_ID": "wx1",
        }
    )
    assert options.keys == Path("other/sandbox/keys")
    assert (options.host, options.public_host, options.base_port) == ("10.0.0.7", "sandbox", 0)
    assert (options.demo_latency, options.people) == (False, 50)
    assert list(options.gateway_keys) == ["gateway-1"]
    assert (options.gateway_url, options.wechat_app_id) == ("http://gateway:8000", "wx1")


@pytest.mark.parametrize(("host", "reached"), [("0.0.0.0", "127.0.0.1"), ("10.0.0.7", "10.0.0.7")])  # noqa: S104
def test_the_manifests_name_an_address_that_can_be_called(host: str, reached: str) -> None:
    assert Options.from_environ({"SST_SANDBOX_HOST": host}).public_host == reached


@pytest.mark.parametrize("text", ["gateway-1", "gateway-1:AAAA", "gateway-1:???", ":"])
def test_keys_in_another_form_are_refused(text: str) -> None:
    with pytest.raises(ProvinceError, match="SST_GATEWAY_PUBLIC_KEYS"):
        read_keys(text)


def test_a_port_that_is_no_number_is_named() -> None:
    with pytest.raises(ProvinceError, match="SST_SANDBOX_PORT"):
        Options.from_environ({"SST_SANDBOX_PORT": "many"})
