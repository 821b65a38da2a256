import pytest

from alerts.endpoint import EndpointError, Policy, admit, parse_url

STRICT = Policy()
LOOSE = Policy(allow_loopback=True, allow_private=True)


@pytest.mark.parametrize(
    ("url", "authority", "target"),
    [
        ("https://hooks.example.org/a?b=c", "hooks.example.org", "/a?b=c"),
        ("https://hooks.example.org", "hooks.example.org", "/"),
        ("https://HOOKS.example.org:8443/a", "hooks.example.org:8443", "/a"),
        ("https://hooks.example.org./a", "hooks.example.org", "/a"),
        ("https://8.8.8.8/", "8.8.8.8", "/"),
        ("https://[2606:4700::1111]/", "[2606:4700::1111]", "/"),
        ("https://xn--fiqs8s.example/", "xn--fiqs8s.example", "/"),
    ],
)
def test_public_https_is_admitted(url: str, authority: str, target: str) -> None:
    endpoint = parse_url(url, STRICT)
    assert (endpoint.authority, endpoint.target) == (authority, target)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/",
        "http://10.0.0.1/",
        "ftp://hooks.example.org/",
        "file:///etc/passwd",
        "hooks.example.org",
        "https://",
        "https://user@hooks.example.org/",
        "https://user:hunter2@hooks.example.org/",
        "https://hooks.example.org#@evil.example/",
        "https://hooks.example.org/#fragment",
        "https://hooks.example.org\\@evil.example/",
        "https://hooks.example.org/a b",
        "https://hooks.example.org/\r\nx: y",
        "https://hooks.exämple.org/",
        "https://hooks.example.org:22/",
        "https://hooks.example.org:6379/",
        "https://hooks.example.org:0/",
        "https://hooks.example.org:99999/",
        "https://hooks.example.org:secret/",
        "https://-bad-.example/",
        "https://a..b/",
        "https://localhost/",
        "https://localhost./",
        "https://127.0.0.1/",
        "http://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://0/",
        "https://0.0.0.0/",
        "https://10.1.2.3/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://[fe80::1]/",
        "https://[fc00::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:8.8.8.8]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[::]/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises(EndpointError) as refused:
        parse_url(url, STRICT)
    assert "hunter2" not in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/", "http://localhost:9000/", "http://[::1]:9/"])
def test_this_machine_is_admitted_by_http_when_the_setting_says_so(url: str) -> None:
    assert parse_url(url, Policy(allow_loopback=True)).scheme == "http"


def test_private_networks_are_admitted_by_https_only() -> None:
    assert parse_url("https://10.1.2.3/", LOOSE).host == "10.1.2.3"
    with pytest.raises(EndpointError, match="http is for this machine"):
        parse_url("http://10.1.2.3/", LOOSE)


@pytest.mark.parametrize("bad", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1", "fe80::1%1", "x"])
def test_one_bad_address_among_good_ones_refuses_all(bad: str) -> None:
    with pytest.raises(EndpointError):
        admit(["93.184.215.14", bad], "https", STRICT)


def test_no_address_is_refused() -> None:
    with pytest.raises(EndpointError):
        admit([], "https", STRICT)


@pytest.mark.parametrize("never", ["169.254.169.254", "0.0.0.0", "100.64.0.1", "64:ff9b::a00:1", "ff02::1"])
def test_some_addresses_are_admitted_by_no_setting(never: str) -> None:
    with pytest.raises(EndpointError):
        admit([never], "https", LOOSE)


def test_http_reaches_this_machine_alone() -> None:
    assert admit(["127.0.0.1"], "http", LOOSE) == ["127.0.0.1"]
    with pytest.raises(EndpointError):
        admit(["93.184.215.14"], "http", LOOSE)


def test_what_may_be_a_token_is_not_shown() -> None:
    assert "token" not in repr(parse_url("https://hooks.example.org/token", STRICT))
