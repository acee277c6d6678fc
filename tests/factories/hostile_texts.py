"""Texts that break careless searches: syntax of others, control characters, odd scripts, great lengths.

`HOSTILE_TEXTS` are text as somebody may paste it; `HOSTILE_BYTES` go percent-encoded into a URL and are no UTF-8.
"""

SYNTAX = (
    "title:cable AND (price_minor:[* TO *] OR _exists_:id)",
    "cable^99999999999999999999",
    "cable~99 +cable -cable !cable",
    '"cable "~1000000',
    "/(a+)+$/ *?*?*?*? c*b*e",
    "((((((((((" * 40,
    '&& || ! ( ) { } [ ] ^ " ~ * ? : \\ /',
    '{"match_all": {}}}}], "size": 1e9',
    "<script>alert(1)</script> <em>cable</em>",
    "' OR 1=1; DROP TABLE products; --",
    "${jndi:ldap://127.0.0.1/x} {{7*7}} %s%n%x $where",
    "../../etc/passwd\\..\\windows",
    "AND OR NOT TO",
    "doc['id'].value; while(true){}",
)

CONTROLS = (
    "\x01\x02\x07\x08\x1b[31mcable\x7f\x85",
    "cable\r\nSet-Cookie: a=b\r\n\r\n",
    "\t\n\v\f cable \u2028\u2029",
    "\ufeffcable\ufffe\uffff\ufffd",
    "\U0001ffff\U0010ffff\ue000 cable",
)

SCRIPTS = (
    "\u202ecable\u202d \u2066hdmi\u2069 \u200f\u200e",
    "כבל HDMI שחור 3 מטר",
    "كابل ١٢٣٤ وصلة \u061c",
    "ケーブル 电缆 케이블 สายเคเบิล",
    "e\u0301\u0302\u0303" * 200,
    "Z" + "\u0335\u0336\u0337\u0338" * 200 + "algo",
    "👩‍👩‍👧‍👦🏳️‍🌈" * 40,
    "\u200b\u200c\u200d\u2060" * 100,
    "ﬃ ① Ⅷ ㎏ ﷺ \u017f ß İ \u0131",
    "🇩🇪" * 300,
    "\u0085\u00a0\u3000\u180e",
)

LENGTHS = (
    "a" * 1_000,
    "1" * 1_000,
    "a-" * 500,
    "A1-/" * 250,
    "a b " * 250,
    "é" * 1_000,
    "漢" * 1_000,
    "💥" * 1_000,
    "x" * 10_240,
    "cable " * 1_700,
    "\x00",
    "cable\x00hdmi",
    "." * 1_000,
    "1e999999999 NaN -0 0x7fffffff 1/0",
    " " * 1_000,
)

HOSTILE_TEXTS = (*SYNTAX, *CONTROLS, *SCRIPTS, *LENGTHS)
HOSTILE_BYTES = (
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"\xf8\x88\x80\x80\x80",
    b"cable\x80",
    b"%zz",
    b"\xe2\x28\xa1",
)
