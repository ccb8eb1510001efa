"""What may stand in a body in the place of anything."""

from typing import Any, Final

ODD: Final[tuple[Any, ...]] = (
    None, "", " ", [], {}, True, False, 0, -1, 1, 1e308, -1e308, 5e-324, 0.1, 1e15, 10**30, -(10**30), 10**4000,
    2**63, 2**53 + 1,
    [None], [[]], [{}], {"": None}, [0], ["", None, {}],
    # texts that are nearly numbers
    "NaN", "nan", "Infinity", "-Infinity", "sNaN123", "1e308", "1e-400", "1_000", "+1", " 1 ", "１２", "²", "0x10",
    "1,99", "--1",
    "-19.99", "1.999", "0.0005", "-0", "9" * 19, "9" * 20, "1" + "0" * 300, "null", "true", "None",
    # moments
    "2026-13-45T99:99:99Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30",
    "2026-11-23T12:00:00",
    "2026-11-23T12:00:00+23:59:59.999999", "2026-11-23T12:00:00.1234567Z", "2026-W48-1", "20261123T120000Z",
    "1900-01-01T00:00:00+14:00",
    "2999-12-31T23:59:59.999999-14:00", "-2026-11-23T12:00:00Z", "1764072000", "24:00", "2026-11-23 12:00:00 UTC",
    # ids
    "9" * 30, "-17", 17.5, -17, "17.0", "gid://shopify/Order/", "gid://shopify/Order/17 18", "1 order:2 what:3",
    "a:b:c", "UHJvZHVjdDo=",
    "T3JkZXI6MQ==" * 10, "Ojo6Og==", "T3JkZXI6IA==", "undefined",
    # money
    "zł", "PLN ", "pln", "KWD", "JPY", "XXX", "ABCD", "ßßß", "12.345", -0.001,
    # people
    "jan@example.com", "JAN@EXAMPLE.COM ", "@", "a@b", "jan@@example.com", "żubr@żubr.example",
    "a" * 65 + "@example.com",
    "jan@[127.0.0.1]", '"j n"@example.com', "jan@xn--.com", "jan@" + "a." * 120 + "com", "+48501234567",
    "+48 501-234-567 ext. 9",
    "++48", "+" * 300, "０４８501234567", "tel:+48501234567;phone-context=+48", "+0", "00000000000", "+999123456789",
    # languages and places
    "pl", "pl-PL", "PL_pl", "zh-Hant-TW", "AA-AAA-000", "x-klingon", "en-" + "a-" * 30, "und", "*", "Europe",
    "Mars/Olympus", "../etc", "PL",
    "ZZ", "Polska",
    # addresses
    "https://", "http://[", "https://[::1]:99999/", "//evil.example", "javascript:alert(1)",
    "https://żubr.example/ż ó", "https://a:b@c/#?",
    "https://demo.example/\u202e/x", "{slug}{locale}",
    # texts nobody should print
    "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\u202e\u200f\u2066اسم", "\x1b[31m", "\r\n\t", "\u2028\u2029\x85",
    "\ufeff", "👩‍👩‍👧‍👦🏽🇵🇱",
    "%(why)s", "%s%n", "{}", "${x}", "<b>", "<<b>b>", "&lt;b&gt;<i>", "';--", "=cmd()", "\ufdfa" * 18,
    "e\u0301" * 200, "\U0010ffff",
)  # fmt: skip

#: What an enormous text is made of, by the hundred thousand.
LETTERS: Final = (
    "a", "9", "ż", "\x00", "\x1b", "\ud800", "👩‍👩‍👧", "\u202e", "<", "<a", "<!--", "a ", "a@", ".", "1.", "\u0301", "&amp;<",
    "9,",
)  # fmt: skip
