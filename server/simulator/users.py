"""What WeChat tells about followers, and the tags the office gives them; no names and faces any more since 2021."""

from typing import Any

from server.simulator import phones
from server.simulator.calls import Call, call
from server.simulator.fault import Fault, ok
from server.simulator.world import World

MOST_TAGS = 100
MOST_EACH = 20
FIRST_TAG = 100


def told(world: World, phone: int) -> dict[str, Any]:
    row = phones.get(world, phone)
    openid = phones.openid(world, "official", phone)
    if row["followed_at"] is None:
        return {"subscribe": 0, "openid": openid}
    scene = row["scene"] or ""
    answer = {
        "subscribe": 1,
        "openid": openid,
        "nickname": "",
        "sex": 0,
        "language": "zh_CN",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "subscribe_time": int(row["followed_at"]),
        "remark": "",
        "groupid": 0,
        "tagid_list": tags_of(world, phone),
        "subscribe_scene": "ADD_SCENE_QR_CODE" if scene else "ADD_SCENE_SEARCH",
        "qr_scene": int(scene) if scene.isdigit() else 0,
        "qr_scene_str": scene if scene and not scene.isdigit() else "",
    }
    if world.setup.open_platform:
        answer["unionid"] = phones.unionid(world, phone)
    return answer


def tags_of(world: World, phone: int) -> list[int]:
    return [row["tag"] for row in world.book.rows("select tag from tagged where phone = ? order by tag", phone)]


def known(call: Call, value: Any) -> int:
    phone = phones.by_openid(call.world, "official", value)
    if phone is None:
        raise Fault(40003)
    return phone


@call("/cgi-bin/user/info", needs="users", method="GET", says="看一位居民是否关注")
def info(call: Call) -> dict[str, Any]:
    phone = known(call, call.args.get("openid"))
    call.phone = phone
    return told(call.world, phone)


@call("/cgi-bin/user/info/batchget", needs="users", says="看几位居民是否关注")
def batchget(call: Call) -> dict[str, Any]:
    wanted = call.body.get("user_list")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= 100:
        raise Fault(40035)
    people = [known(call, one.get("openid") if isinstance(one, dict) else None) for one in wanted]
    return {"user_info_list": [told(call.world, phone) for phone in people]}


@call("/cgi-bin/user/get", needs="users", method="GET", says="列关注的人")
def get(call: Call) -> dict[str, Any]:
    return listing(call, phones.followers(call.world), call.args.get("next_openid", ""))


@call("/cgi-bin/user/tag/get", needs="tags", says="列一个标签下的人")
def tag_get(call: Call) -> dict[str, Any]:
    tag = tag_of(call, call.body.get("tagid"))
    return listing(call, phones.followers(call.world, tag), str(call.body.get("next_openid", "")))


def listing(call: Call, people: list[int], after: str) -> dict[str, Any]:
    every = [phones.openid(call.world, "official", phone) for phone in people]
    rest = every[every.index(after) + 1 :] if after in every else every
    page = rest[:10_000]
    answer: dict[str, Any] = {"total": len(every), "count": len(page)}
    if page:
        answer |= {"data": {"openid": page}, "next_openid": page[-1]}
    else:
        answer["next_openid"] = ""
    return answer


def tag_of(call: Call, value: Any) -> int:
    if not isinstance(value, int) or call.world.book.one("select 1 from tag where id = ?", value) is None:
        raise Fault(45159)
    return value


def tag_name(call: Call) -> str:
    given = call.body.get("tag")
    name = given.get("name") if isinstance(given, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise Fault(45157)
    if len(name) > 30:
        raise Fault(45158)
    return name


@call("/cgi-bin/tags/create", needs="tags", says="建一个标签")
def create(call: Call) -> dict[str, Any]:
    name = tag_name(call)
    if call.world.book.one("select 1 from tag where name = ?", name):
        raise Fault(45157)
    if call.world.book.one("select count(*) from tag") >= MOST_TAGS:
        raise Fault(45056)
    number = max(FIRST_TAG, int(call.world.book.one("select max(id) from tag") or 0) + 1)
    call.world.book.write("insert into tag(id, name) values (?, ?)", number, name)
    call.words = f"建一个标签：{name}"
    return {"tag": {"id": number, "name": name}}


@call("/cgi-bin/tags/get", needs="tags", method="GET", says="看有哪些标签")
def tags(call: Call) -> dict[str, Any]:
    rows = call.world.book.rows(
        "select id, name, (select count(*) from tagged where tag = tag.id) as n from tag order by id",
    )
    return {"tags": [{"id": row["id"], "name": row["name"], "count": row["n"]} for row in rows]}


@call("/cgi-bin/tags/update", needs="tags", says="给标签改名")
def update(call: Call) -> dict[str, Any]:
    name = tag_name(call)
    call.world.book.write("update tag set name = ? where id = ?", name, tag_of(call, call.body["tag"].get("id")))
    return ok()


@call("/cgi-bin/tags/delete", needs="tags", says="删一个标签")
def delete(call: Call) -> dict[str, Any]:
    tag = tag_of(call, (call.body.get("tag") or {}).get("id"))
    call.world.book.write("delete from tagged where tag = ?", tag)
    call.world.book.write("delete from tag where id = ?", tag)
    return ok()


def marked(call: Call) -> tuple[int, list[int]]:
    tag = tag_of(call, call.body.get("tagid"))
    given = call.body.get("openid_list")
    if not isinstance(given, list) or not 1 <= len(given) <= 50:
        raise Fault(40035)
    people = []
    for one in given:
        phone = phones.by_openid(call.world, "official", one)
        if phone is None:
            raise Fault(40003)
        if not phones.follows(call.world, phone):
            raise Fault(49003)
        people.append(phone)
    return tag, people


@call("/cgi-bin/tags/members/batchtagging", needs="tags", says="给人加标签")
def batchtagging(call: Call) -> dict[str, Any]:
    tag, people = marked(call)
    for phone in people:
        if len({*tags_of(call.world, phone), tag}) > MOST_EACH:
            raise Fault(45059)
        call.world.book.write("insert or ignore into tagged(tag, phone) values (?, ?)", tag, phone)
    return ok()


@call("/cgi-bin/tags/members/batchuntagging", needs="tags", says="给人去掉标签")
def batchuntagging(call: Call) -> dict[str, Any]:
    tag, people = marked(call)
    for phone in people:
        call.world.book.write("delete from tagged where tag = ? and phone = ?", tag, phone)
    return ok()


@call("/cgi-bin/tags/getidlist", needs="tags", says="看一个人的标签")
def getidlist(call: Call) -> dict[str, Any]:
    return {"tagid_list": tags_of(call.world, known(call, call.body.get("openid")))}
