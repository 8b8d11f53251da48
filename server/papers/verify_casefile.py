"""Checks a case file with nothing but Python: that no file was changed, left out or added, and that the trail in it holds together."""

# This file is packed into every case file as verify.py. It imports nothing of the product, so that it can be read and run years later.

import hashlib
import json
import re
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

PROOF = "data/留痕证明/"
TRAIL, HEADS = PROOF + "trail.jsonl", PROOF + "heads.json"
DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
COVERED = (
    "ref chain at wall_at subject_kind subject_id verb actor_kind actor_ref actor_name actor_post actor_unit detail demonstration"
).split()
LARGEST_TAG = 256 * 1024 * 1024
Faults = list[str]


class Case:
    """A case file: the zip as it was given, or the folder into which it was unpacked."""

    def __init__(self, path: Path) -> None:
        self.zip = None if path.is_dir() else zipfile.ZipFile(path)
        if self.zip is None:
            files = [one for one in path.rglob("*") if one.is_file()]
            names = [one.relative_to(path).as_posix() for one in files]
            self.folder = path
            self.base = ""
        else:
            names = [one.filename for one in self.zip.infolist() if not one.is_dir()]
            tops = {name.partition("/")[0] for name in names}
            self.base = f"{tops.pop()}/" if len(tops) == 1 else ""
            names = [name.removeprefix(self.base) for name in names]
        self.doubled = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
        self.names = set(names)

    def open(self, name: str) -> IO[bytes]:
        """One file of it."""
        return self.zip.open(self.base + name) if self.zip is not None else (self.folder / name).open("rb")

    def text(self, name: str) -> str:
        """A tag file."""
        with self.open(name) as file:
            return file.read(LARGEST_TAG).decode()

    def info(self) -> dict[str, str]:
        """bag-info.txt."""
        pairs = (line.partition(": ") for line in self.text("bag-info.txt").splitlines())
        return {name: words for name, _, words in pairs}


def check_bag(case: Case) -> Faults:
    """Every file is there, is what it was, and none was added (RFC 8493)."""
    faults = [f"{name}：同名的文件有两个" for name in case.doubled]
    faults += [f"{name}：文件名不合规" for name in case.names if name.startswith("/") or ".." in name.split("/")]
    missing = [name for name in ("bagit.txt", "bag-info.txt") if name not in case.names]
    if missing:
        return [*faults, *(f"{name}：缺这个文件" for name in missing)]
    if case.text("bagit.txt") != DECLARATION:
        faults.append("bagit.txt：内容不对")
    tags = {name for name in case.names if not name.startswith("data/")}
    payload = case.names - tags
    algorithms = sorted(m[1] for name in tags if (m := re.fullmatch(r"manifest-(sha256|sha512)\.txt", name)))
    if algorithms != ["sha256", "sha512"]:
        return [*faults, "manifest-sha256.txt、manifest-sha512.txt：缺一个或者两个"]
    told: dict[str, dict[str, str]] = {}
    for kind, covered in (
        ("manifest", payload),
        ("tagmanifest", {t for t in tags if not t.startswith("tagmanifest-")}),
    ):
        for algorithm in algorithms:
            name = f"{kind}-{algorithm}.txt"
            if name not in case.names:
                faults.append(f"{name}：缺这个文件")
                continue
            listed = _listed(case.text(name))
            faults += [f"{path}：清单 {name} 里有，文件不在了" for path in sorted(listed.keys() - covered)]
            faults += [f"{path}：多出来的，清单 {name} 里没有" for path in sorted(covered - listed.keys())]
            for path, digest in listed.items():
                told.setdefault(path, {})[algorithm] = digest
    size = 0
    for path in sorted(told.keys() & case.names):
        try:
            length, sums = _sums(case, path, algorithms)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as why:
            faults.append(f"{path}：读不出来，压缩包坏了或者被改过（{type(why).__name__}）")
            continue
        if path.startswith("data/"):
            size += length
        if any(sums[algorithm] != digest for algorithm, digest in told[path].items()):
            faults.append(f"{path}：内容被改过")
    if not faults and case.info().get("Payload-Oxum") != f"{size}.{len(payload)}":
        faults.append("bag-info.txt：Payload-Oxum 和文件对不上")
    return faults


def _listed(manifest: str) -> dict[str, str]:
    found = {}
    for line in manifest.splitlines():
        digest, _, path = line.partition("  ")
        found[unicodedata.normalize("NFC", path)] = digest
    return found


def _sums(case: Case, path: str, algorithms: list[str]) -> tuple[int, dict[str, str]]:
    sums, size = {name: hashlib.new(name) for name in algorithms}, 0
    with case.open(path) as file:
        while piece := file.read(1 << 20):
            size += len(piece)
            for one in sums.values():
                one.update(piece)
    return size, {name: one.hexdigest() for name, one in sums.items()}


# --- the trail --------------------------------------------------------------------------------------------------------


def canonical(fields: dict[str, Any]) -> bytes:
    """One spelling for the same content: sorted keys, no spaces, UTF-8."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def rows(case: Case) -> Iterator[dict[str, Any]]:
    """The rows of the trail, in their order."""
    with case.open(TRAIL) as file:
        for line in file:
            yield json.loads(line)


def next_head(before: bytes, row: dict[str, Any]) -> bytes:
    """The chain's head after this row."""
    return hashlib.sha256(b"link\0" + before + canonical(row["row"]) + bytes.fromhex(row["mac"])).digest()


def day_head(day: dict[str, Any]) -> str:
    """A day's head, from all that was published of the day but the head itself."""
    covered = {name: told for name, told in day.items() if name != "head"}
    return hashlib.sha256(b"day\0" + canonical(covered)).hexdigest()


def leaf(chain: str, position: int, head: str) -> str:
    """What a day publishes of a chain."""
    return hashlib.sha256(b"leaf\0" + f"{chain}\0{position}\0".encode() + bytes.fromhex(head)).hexdigest()


def in_day(day: dict[str, Any], chain: str, position: int, head: str) -> bool:
    """Whether a day says that the chain stood there."""
    return leaf(chain, position, head) in day["leaves"]


def check_trail(case: Case) -> Faults:
    """Each row follows the one before, the last one is the head that is told, and each published day goes through the chain."""
    if TRAIL not in case.names or HEADS not in case.names:
        return ["留痕证明：缺文件"]
    faults: Faults = []
    proof = json.loads(case.text(HEADS))
    chain, position, head = proof["chain"], proof["after"]["position"], bytes.fromhex(proof["after"]["head"])
    heads = {position: head.hex()}
    wanted = {one["position"] for one in proof["days"]}
    waiting = 0
    for row in rows(case):
        if set(row["row"]) != set(COVERED) or row["row"]["chain"] != chain:
            faults.append(f"留痕第{row['position']}个位置：不属于这条链")
        if row["position"] is None:
            waiting += 1
            continue
        if waiting or row["position"] != position + 1:
            faults.append(f"留痕第{position + 1}个位置：不在了，或者次序不对")
        position, head = row["position"], next_head(head, row)
        if head.hex() != row["head"]:
            faults.append(f"留痕第{position}个位置：和前面的接不上，这一行或者前面的被改过")
            head = bytes.fromhex(row["head"])
        if position in wanted:
            heads[position] = head.hex()
    if (position, head.hex()) != (proof["tip"]["position"], proof["tip"]["head"]) or waiting != proof["waiting"]:
        faults.append("留痕：最后一行和记下的链首不符")
    info = case.info()
    if info.get("Huiyin-Trail-Head") != proof["tip"]["head"] or info.get("Huiyin-Case") != chain:
        faults.append("bag-info.txt：写的链首或者案卷和留痕证明不符")
    for one in proof["days"]:
        day = one["day"]
        if day_head(day) != day["head"]:
            faults.append(f"{day['day']}的每日留痕摘要：自己对不上")
        elif not in_day(day, chain, one["position"], one["head"]):
            faults.append(f"{day['day']}的每日留痕摘要：里面没有这条链的这个链首")
        if one["position"] >= proof["after"]["position"] and heads.get(one["position"]) != one["head"]:
            faults.append(f"{day['day']}的每日留痕摘要：和留痕第{one['position']}个位置不符")
    return faults


def check_published(case: Case, published: list[dict[str, Any]]) -> tuple[int, Faults]:
    """Compare the days in the file with those that the office made public: how many are the same, and what is not."""
    by_day = {one["day"]: one["head"] for one in published}
    same, faults = 0, []
    for one in json.loads(case.text(HEADS))["days"]:
        day, head = one["day"]["day"], one["day"]["head"]
        if day in by_day and by_day[day] != head:
            faults.append(f"{day}：案卷里的每日留痕摘要和公布的不一样")
        same += by_day.get(day) == head
    return same, faults


def opened(path: Path) -> Case | str:
    """The case file, or why it cannot be opened."""
    try:
        return Case(path)
    except FileNotFoundError:
        return f"没有找到 {path}，请核对文件名"
    except (zipfile.BadZipFile, OSError, ValueError):
        return f"{path} 打不开：不是案卷的压缩包，或者没有下载完整，请重新拿一份"


def published_days(path: Path) -> list[dict[str, Any]] | str:
    """The days that the office made public, or why the file does not tell them."""
    try:
        days = json.loads(path.read_text("utf-8"))["days"]
        if any(isinstance(one["day"], dict) for one in days):
            return f"{path} 是案卷自己带的那一份；请到本机关网站的“每日留痕摘要”页下载公布的那一份"
        return [{"day": one["day"], "head": one["head"]} for one in days]
    except FileNotFoundError:
        return f"没有找到 {path}，请核对文件名"
    except (OSError, ValueError, KeyError, TypeError):
        return f"{path} 读不懂：不是公布的每日留痕摘要，请重新下载"


def main(arguments: list[str]) -> int:
    """verify.py FILE [heads.json]: the zip or the unpacked folder, and the published heads if they are at hand."""
    case = opened(Path(arguments[0]) if arguments else Path(__file__).resolve().parents[2])
    days = published_days(Path(arguments[1])) if len(arguments) > 1 else []
    faults = [told for told in (case, days) if isinstance(told, str)]
    same = 0
    if isinstance(case, Case) and not isinstance(days, str):
        faults = check_bag(case)
        try:
            faults = faults or check_trail(case)
            if not faults:
                same, faults = check_published(case, days)
        except (ValueError, KeyError, TypeError) as why:
            faults = [f"留痕证明：读不懂，里面的文件被改过（{type(why).__name__}）"]
    for fault in faults:
        print(f"✕ {fault}")
    if faults or not isinstance(case, Case):
        return 1
    print("✓ 文件没有被改过、没有少、没有多；留痕逐条接得上")
    print(f"  链首 {json.loads(case.text(HEADS))['tip']['head']}")
    if len(arguments) < 2:
        print("  没有和公布的每日留痕摘要对照；下载 heads.json 以后再运行一次")
    elif same:
        print(f"  和公布的每日留痕摘要对上 {same} 天")
    else:
        print("  公布的每日留痕摘要里没有案卷记着的那几天，没有对照成；请下载封存以后公布的那一份")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
