"""What the environment may say, and what is refused with a word on how to say it."""

import base64
import ipaddress

import pytest

from backend.settings import CIPHERS, Settings, SettingsError
from backend.store.keyring import KeyRing

KEY = base64.b64encode(b"k" * 32).decode()
SECRETS = {"SST_KEYRING": f"k1:{KEY}", "SST_INDEX_KEY": KEY, "SST_SIGNING_KEY": KEY}


def networks(text: str) -> list[str]:
    settings = Settings.from_environ({**SECRETS, "SST_PRIVATE_NETWORKS": text})
    return [str(network) for network in settings.private_networks]


def test_no_private_network_is_open_unless_somebody_says_so() -> None:
    assert Settings.from_environ(SECRETS).private_networks == ()
    assert networks("") == []


def test_the_governments_networks_are_named_one_by_one() -> None:
    told = "10.0.0.0/8, 172.20.0.0/16,100.64.0.0/10,fd12:3456::/32,192.168.7.9/32"
    assert networks(told) == [part.strip() for part in told.split(",")]


@pytest.mark.parametrize(
    "text",
    ["0.0.0.0/0", "8.8.8.0/24", "127.0.0.0/8", "169.254.0.0/16", "10.0.0.0/7", "::/0", "fe80::/10",
     "10.0.0.1/8", "ten", "10.0.0.0/8;172.16.0.0/12", "::ffff:10.0.0.0/104"],
)  # fmt: skip
def test_what_is_no_private_network_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="SST_PRIVATE_NETWORKS"):
        networks(text)
    assert ipaddress.ip_network("10.0.0.0/8").is_private


BUCKET = {
    "SST_S3_URL": "https://store.example/materials",
    "SST_S3_ACCESS_KEY": "ak",
    "SST_S3_SECRET_KEY": "sk-do-not-show",
}


def test_a_bucket_needs_its_keys_and_shows_none() -> None:
    assert Settings.from_environ(SECRETS).s3 is None
    found = Settings.from_environ({**SECRETS, **BUCKET})
    assert found.s3 == ("https://store.example/materials", "us-east-1", "ak", "sk-do-not-show")
    assert "sk-do-not-show" not in repr(found)
    for wrong in ({"SST_S3_SECRET_KEY": ""}, {"SST_S3_URL": "https://store.example"}):
        with pytest.raises(SettingsError, match="SST_S3"):
            Settings.from_environ({**SECRETS, **BUCKET, **wrong})


def test_a_model_needs_an_address_and_a_name_and_its_key_is_not_shown() -> None:
    assert Settings.from_environ(SECRETS).assistant_model_url == ""
    told = {
        "SST_ASSISTANT_MODEL_URL": "https://model.example/v1",
        "SST_ASSISTANT_MODEL_NAME": "any",
        "SST_ASSISTANT_MODEL_KEY": "sk-do-not-show",
    }
    found = Settings.from_environ({**SECRETS, **told})
    assert (found.assistant_model_url, found.assistant_model_name) == (
        "https://model.example/v1", "any",
    )  # fmt: skip
    assert "sk-do-not-show" not in repr(found)
    for wrong in ({"SST_ASSISTANT_MODEL_NAME": ""}, {"SST_ASSISTANT_MODEL_URL": "model.example"}):
        with pytest.raises(SettingsError, match="SST_ASSISTANT_MODEL"):
            Settings.from_environ({**SECRETS, **told, **wrong})


@pytest.mark.parametrize(
    ("name", "value"),
    [("SST_CIPHER", "rot13"), ("SST_PORT", "0"), ("SST_PORT", "65536"), ("SST_WORKERS", "0"),
     ("SST_WORKERS", "two"), ("SST_TRUSTED_PROXIES", "-1"), ("SST_INDEX_KEY", "short"),
     ("SST_SIGNING_KEY", base64.b64encode(b"short").decode()), ("SST_KEYRING", f":{KEY}"),
     ("SST_KEYRING", f"k1:{KEY},k1:{KEY}"), ("SST_CLAMD", "3310")],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environ({**SECRETS, name: value})


def test_every_cipher_that_may_be_set_seals() -> None:
    for cipher in CIPHERS:
        settings = Settings.from_environ({**SECRETS, "SST_CIPHER": cipher})
        ring = KeyRing(settings.keyring, settings.cipher)
        assert ring.open(ring.seal(b"x", b"y"), b"y") == b"x"
