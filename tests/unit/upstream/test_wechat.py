"""What the platform computes for WeChat."""

from backend.upstream.wechat import cert_hash
from backend.upstream.wechat_client import Client, Wxa


def test_the_hash_over_name_and_number_is_that_of_the_documentation() -> None:
    # printf 'cert_type=SURFTlRJVFlfQ0FSRA==&cert_name=5byg5LiJ&cert_no=MTIz' | sha256sum
    assert cert_hash("张三", "123") == (
        "56d6a0912c293ed0130ebca9003741b72cf520be12c352e4cee45db2aebdea2b"
    )


def test_no_api_class_overrides_the_address_of_the_client() -> None:
    assert Wxa.API_BASE_URL is None
    assert isinstance(Client.wxa, Wxa)
