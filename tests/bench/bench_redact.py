"""`redact`, one core, once compiled: MB of text per CPU second, planted forms found, and what it takes of clean text.

Planted values are made here, by rules of their own, and put into sentences of both languages: at the start, at the end
and inside, apart or touching Chinese characters, plain or in full width. Broken ones have another check digit.

    GRISTMILL_BENCH_CORPUS=... python tests/bench/bench_redact.py --hits    # show all that it takes of the corpus
"""

import base64
import json
import random
import string
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from corpus import shards_of
from machine import described, median

from ops.edits.redact import Redact

REPEATS = 5
BATCH_DOCUMENTS = 1000
PLANTED = 2000  # of each kind
DIGITS = string.digits
ALNUM = string.ascii_letters + DIGITS
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
EN = ["The miller wrote it down", "She sent {} to him", "({})", '"{}", he said', "see {}; later", "It is {}.", "{}"]
ZH = ["他把{}写下来", "{}，请记好", "（{}）", "请联系{}。", "是{}吗？", "信息：{}", "{}"]


def main() -> None:
    print(described())
    with TemporaryDirectory() as folder:
        text = pa.concat_tables([pq.read_table(f, columns=["text"]) for f in shards_of(Path(folder))])["text"]
    text = text.drop_null().cast(pa.string()).combine_chunks()
    chinese = pc.match_substring_regex(text, r"\p{Han}{20}")
    for name, some in {"en": text.filter(pc.invert(chinese)), "zh": text.filter(chinese)}.items():
        print(f"redact on {name}, {some.nbytes / 1e6:.0f} MB: {some.nbytes / 1e6 / cpu_of(some):.0f} MB/s")
    taken(text)
    chance = random.Random(5)
    for kind, make in MAKERS.items():
        planted(kind, [make(chance) for _ in range(PLANTED)], chance)
    for kind, make in BROKEN.items():
        broken(kind, [make(chance) for _ in range(PLANTED)])


def cpu_of(text: pa.Array) -> float:
    op, taken = Redact(), []
    for _ in range(REPEATS + 1):
        began = time.process_time()
        for at in range(0, len(text), BATCH_DOCUMENTS):
            op.edit(pa.table({"text": text.slice(at, BATCH_DOCUMENTS)}))
        taken.append(time.process_time() - began)
    return median(taken[1:])


def taken(text: pa.Array) -> None:
    """Count what goes of the corpus; what of it is false is for a person to say."""
    cuts = Redact().edit(pa.table({"text": text}))["cuts"].to_pylist()
    kinds = Counter(cut["kind"] for some in cuts for cut in some or [])
    print(f"corpus, {len(cuts):,} documents, {sum(some is not None for some in cuts)} redacted: {dict(kinds)}")
    for row, some in enumerate(cuts) if "--hits" in sys.argv else ():
        raw = text[row].as_py().encode() if some else b""
        for cut in some or ():
            parts = raw[max(0, cut["at"] - 30) : cut["at"]], raw[cut["at"] :][: cut["bytes"]]
            print(cut["kind"], *(part.decode(errors="ignore").replace("\n", "|") for part in parts), sep="\t")


def planted(kind: str, values: list[str], chance: random.Random) -> None:
    texts, wanted = [], []
    for value in values:
        around = chance.choice(chance.choice([EN, ZH]))
        around = around if "{}" in around else f"{around} {{}}"
        said, _, it = value.rpartition("\t")
        it = it.translate(WIDE) if kind not in NEVER_WIDE and chance.random() < 0.1 else it
        texts.append(around.format(said + it))
        wanted.append(around.format(f"{said}<{kind.upper()}>"))
    made = Redact().edit(pa.table({"text": texts}))["text"].to_pylist()
    missed = [text for text, got, want in zip(texts, made, wanted, strict=True) if got != want]
    print(
        f"{kind}: {100 * (1 - len(missed) / len(texts)):.2f} % of {len(texts):,} redacted exactly",
        *missed[:3],
        sep="\n    ",
    )


def broken(kind: str, values: list[str]) -> None:
    """Check that broken values stay, in a sentence each."""
    made = Redact().edit(pa.table({"text": [f"号码是{value}。" for value in values]}))["pii"].to_pylist()
    print(f"{kind} with another check digit: {sum(row[kind] for row in made)} of {len(values):,} taken for one")


def some(chance: random.Random, letters: str, least: int, most: int | None = None) -> str:
    return "".join(chance.choices(letters, k=chance.randint(least, most or least)))


def resident(chance: random.Random) -> str:
    day = f"{chance.randint(1930, 2022)}{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}"
    body = chance.choice(["110105", "310115", "440306", "510107", "360426", "650102"]) + day + some(chance, DIGITS, 3)
    check = (1 - 2 * sum(int(digit) * pow(2, 16 - n, 11) for n, digit in enumerate(body))) % 11
    return body + ("X" if check == 10 else str(check))


def credit_code(chance: random.Random) -> str:
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = (
        chance.choice(["91", "92", "12", "51"]) + chance.choice(["110000", "310115", "440300"]) + some(chance, signs, 9)
    )
    return body + signs[-sum(signs.index(sign) * 3**n for n, sign in enumerate(body)) % 31]


def card(chance: random.Random) -> str:
    first, chars = chance.choice([("4", 16), ("52", 16), ("37", 15), ("622", 16), ("62", 19), ("6011", 16)])
    body = first + some(chance, DIGITS, chars - 1 - len(first))
    full = next(body + last for last in DIGITS if luhn(body + last) % 10 == 0)
    gap = chance.choice(["", "", " ", "-"]) if chars != 15 else ""
    return gap.join(full[at : at + 4] for at in range(0, chars, 4))


def luhn(number: str) -> int:
    return sum(sum(divmod(int(digit) * (1 + n % 2), 10)) for n, digit in enumerate(reversed(number)))


def iban(chance: random.Random) -> str:
    country, body = chance.choice(
        [("DE", some(chance, DIGITS, 18)), ("GB", some(chance, string.ascii_uppercase, 4) + some(chance, DIGITS, 14))]
    )
    check = 98 - int("".join(str(int(char, 36)) for char in f"{body}{country}00")) % 97
    full = f"{country}{check:02d}{body}"
    return full if chance.random() < 0.5 else " ".join(full[at : at + 4] for at in range(0, len(full), 4))


def email(chance: random.Random) -> str:
    name = some(chance, ALNUM, 2, 9) + chance.choice(["", ".", "_", "-", "+"]) + some(chance, ALNUM, 1, 6)
    return f"{name}@{chance.choice(['qq.com', '163.com', 'mail.example.org', 'a-b.co.uk', 'x.io', 'sina.com.cn'])}"


def phone(chance: random.Random) -> str:
    mobile = "1" + chance.choice("3456789") + some(chance, DIGITS, 9)
    line = chance.choice(["010", "021", "0755", "0571", "0931"]), chance.choice("2345678") + some(chance, DIGITS, 7)
    forms = [
        mobile,
        f"{mobile[:3]}{(gap := chance.choice(' -'))}{mobile[3:7]}{gap}{mobile[7:]}",
        chance.choice(["+86 ", "+86", "0086", "86-"]) + mobile,
        chance.choice(["{}-{}", "({}){}", "({}) {}", "{} {}"]).format(*line),
        f"电话：\t{line[0]}{line[1]}",
        f"+44 20 {some(chance, DIGITS, 4)} {some(chance, DIGITS, 4)}",
        f"+1-{chance.randint(200, 989)}-{chance.randint(200, 999)}-{some(chance, DIGITS, 4)}",
        f"+49 {some(chance, '123456789', 3)} {some(chance, DIGITS, 7)}",
        f"({chance.randint(200, 989)}) {chance.randint(200, 999)}-{some(chance, DIGITS, 4)}",
        f"+{chance.choice(['852', '65', '81', '33'])}{some(chance, '123456789', 8, 9)}",
    ]
    return chance.choice(forms)


def ip(chance: random.Random) -> str:
    if chance.random() < 0.7:
        return f"{chance.randint(24, 99)}.{chance.randint(0, 255)}.{chance.randint(0, 255)}.{chance.randint(1, 254)}"
    return ":".join(["2a03", *(some(chance, "123456789abcdef", 1, 4) for _ in range(7))])


def plate(chance: random.Random) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    five = chance.choice(
        [some(chance, DIGITS, 5), chance.choice(letters) + some(chance, DIGITS, 4), f"D{some(chance, DIGITS, 5)}"]
    )
    return chance.choice("京沪粤苏浙川鄂") + chance.choice(letters) + chance.choice(["", "·", " "]) + five


def token(chance: random.Random) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return chance.choice(
        [
            "AKIA" + some(chance, string.ascii_uppercase + "234567", 16),
            chance.choice(["ghp_", "gho_", "ghs_"]) + some(chance, ALNUM, 36),
            "github_pat_" + some(chance, ALNUM, 22) + "_" + some(chance, ALNUM, 59),
            chance.choice(["sk-", "sk-proj-"]) + some(chance, ALNUM, 32, 48),
            f"xoxb-{some(chance, DIGITS, 12)}-{some(chance, DIGITS, 12)}-{some(chance, ALNUM, 24)}",
            ".".join(
                [part({"alg": "HS256", "typ": "JWT"}), part({"sub": some(chance, DIGITS, 9)}), some(chance, ALNUM, 43)]
            ),
            "aws_secret_access_key=\t" + some(chance, ALNUM + "/+", 40),
        ]
    )


def pem(chance: random.Random) -> str:
    lines = "\n".join(some(chance, ALNUM + "+/", 64) for _ in range(chance.randint(1, 30)))
    name = chance.choice(["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
    return f"-----BEGIN {name}PRIVATE KEY-----\n{lines}\n-----END {name}PRIVATE KEY-----"


def wechat(chance: random.Random) -> str:
    said = chance.choice(["微信：", "微信:", "加薇信：", "wx：", "vx:", "微信号：", "WeChat: ", "v信："])
    return f"{said}\t{chance.choice(string.ascii_letters)}{some(chance, ALNUM + '_', 4, 17)}{chance.choice(DIGITS)}"


def qq(chance: random.Random) -> str:
    return f"{chance.choice(['QQ：', 'QQ:', 'qq: ', '企鹅号：', 'QQ群：', '加QQ'])}\t{some(chance, '123456789', 6, 10)}"


def passport(chance: random.Random) -> str:
    said = chance.choice(["护照号：", "护照：", "护照号码", "Passport No. ", "passport number: "])
    return f"{said}\t{chance.choice(['E', 'G', 'EA', 'P'])}{some(chance, DIGITS, 8 if chance.random() < 0.5 else 7)}"


def other_check(make: Callable[[random.Random], str]) -> Callable[[random.Random], str]:
    """Make values of which one digit is another."""

    def made(chance: random.Random) -> str:
        value = make(chance)
        at = chance.choice([n for n, char in enumerate(value) if char.isdigit() and n > 5])
        return value[:at] + str((int(value[at]) + chance.randint(1, 9)) % 10) + value[at + 1 :]

    return made


MAKERS: dict[str, Callable[[random.Random], str]] = {
    "email": email,
    "cn_id": resident,
    "credit_code": credit_code,
    "bank_card": card,
    "iban": iban,
    "phone": phone,
    "ip": ip,
    "plate": plate,
    "passport": passport,
    "wechat": wechat,
    "qq": qq,
    "api_key": token,
    "private_key": pem,
}
NEVER_WIDE = {"api_key", "private_key"}
BROKEN = {kind: other_check(MAKERS[kind]) for kind in ("cn_id", "credit_code", "bank_card", "iban")}


if __name__ == "__main__":
    main()
