from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from alerts.channels.signature import key_of, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PUBLISHED = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')


def test_the_published_vector() -> None:
    assert sign([key_of(SECRET)], *PUBLISHED) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_keys_sign_side_by_side() -> None:
    second = b"x" * 32
    first, other = sign([key_of(SECRET), second], *PUBLISHED).split(" ")
    assert first == sign([key_of(SECRET)], *PUBLISHED)
    assert other == sign([second], *PUBLISHED)


@given(st.binary(min_size=24, max_size=64), st.text("abcdef0123456789-", min_size=1), st.text(max_size=200))
def test_the_library_verifies_what_we_sign(key: bytes, message: str, text: str) -> None:
    now = int(datetime.now(UTC).timestamp())
    secret = "whsec_" + b64encode(key).decode()
    headers = {
        "webhook-id": message,
        "webhook-timestamp": str(now),
        "webhook-signature": sign([key_of(secret)], message, now, text.encode()),
    }
    Webhook(secret).verify(text, headers, json_parse=False)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_short",
        "whsec_" + b64encode(b"x" * 23).decode(),
        "whsec_" + b64encode(b"x" * 65).decode(),
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!",
    ],
)
def test_a_bad_secret_is_refused_and_not_shown(bad: str) -> None:
    with pytest.raises(ValueError, match="a webhook secret is") as refused:
        key_of(bad)
    assert not bad or bad == "whsec_" or bad not in str(refused.value)
