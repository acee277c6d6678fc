import pytest

from search_indexer.relevance.shareable_queries import is_shareable


@pytest.mark.parametrize(
    "query",
    [
        *("hdmi cable", "usb-c hub", "iphone 15 pro max", "étui", "3d printer", "15.6 laptop", "black & decker"),
        *("1080p webcam", "100% cotton", "wd40", "hp 364xl", 'tv 55"', "ddr4 16gb 3200 mhz", "rtx4090", "кабель usb"),
        "sa1-vbe04rw",
    ],
)
def test_names_of_goods_may_be_shown(query: str) -> None:
    assert is_shareable(query)


@pytest.mark.parametrize(
    "query",
    [
        *("jane.doe@example.com", "mail jane@example.com", "jane doe example.com", "www example"),
        *("+49 170 1234567", "0170 123 45 67", "(555) 123-4567", "555.123.4567", "call 5551234"),
        *("100042", "order 100042", "ord-100042", "4111 1111 1111 1111", "de89 3704 0044 0532 0130 00"),
        *("12.11.1985", "1985-11-12", "192.168.100.200", "0882780756328"),
        *("eyjhbgcioijiuzi1nij9", "ak_live_51h8sdfkjhw3", "a3f9c2d1e8b7", "550e8400-e29b-41d4-a716-446655440000"),
        *("deadbeef12", "hunter2!", "pass=word", "#secret", "user:name", "https://example.com/x", "x" * 21),
        *("ab", "", "a b c d e f g", "word " * 20, "123 45", "-->", "<script>"),
    ],
)
def test_what_may_be_somebodys_own_is_never_shown(query: str) -> None:
    assert not is_shareable(query)
