"""Moving the clock: the simulator goes first, the product follows, and if it will not, neither has moved."""

import http.client
import json
import urllib.parse
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from server.simulator import wire
from server.simulator.clock import long_date

if TYPE_CHECKING:
    from server.simulator.world import World

PATIENCE = 30.0
APART = 2.0


@dataclass
class Moved:
    problem: str = ""
    product: dict[str, Any] = field(default_factory=dict)

    @property
    def instant(self) -> float | None:
        """What the product's clock says."""
        try:
            return datetime.fromisoformat(str(self.product["now"])).timestamp()
        except (KeyError, ValueError):
            return None


def travel(world: "World", seconds: float, *, alone: bool = False) -> Moved:
    world.clock.forward(seconds)
    moved = Moved()
    if not alone:
        moved = ask_product(world, seconds)
        if moved.problem:
            world.clock.back(seconds)
        else:
            settle(world, moved)
    days = seconds / 86_400
    words = (
        f"过了{days:.0f}天"
        if days >= 1
        else f"过了{seconds / 3600:.0f}小时"
        if seconds >= 3600
        else f"过了{seconds:.0f}秒"
    )
    wire.log(
        world,
        "own",
        f"{words}，到了{long_date(world.clock.local())}" if not moved.problem else "时间没有动",
        tag="clock",
        outcome="网站一起走" if not moved.problem else "没有动",
        good=not moved.problem,
        note=moved.problem,
    )
    return moved


def settle(world: "World", moved: Moved) -> None:
    """If one of the two was ahead (one of them began anew), the other catches up."""
    theirs = moved.instant
    if theirs is None:
        return
    gap = world.clock.now() - theirs
    if gap < -APART:
        world.clock.forward(-gap)
    elif gap > APART:
        moved.product = ask_product(world, gap).product or moved.product


def ask_product(world: "World", seconds: float | None) -> Moved:
    """The product's own administration call, with the demonstration's secret; without seconds it only reads."""
    at = urllib.parse.urlsplit(world.setup.product)
    line = http.client.HTTPConnection(at.hostname or "127.0.0.1", at.port or 80, timeout=PATIENCE)
    headers = {
        "Host": urllib.parse.urlsplit(world.setup.product_public).netloc,
        "Content-Type": "application/json",
        "X-Demo-Secret": world.setup.demo_secret,
    }
    try:
        if seconds is None:
            line.request("GET", "/demo/clock", headers=headers)
        else:
            line.request("POST", "/demo/clock", body=json.dumps({"seconds": int(seconds)}), headers=headers)
        got = line.getresponse()
        data = got.read(1 << 16)
        if got.status != 200:
            return Moved(f"网站不肯走（状态 {got.status}），所以模拟器也没有走。")
        parsed = json.loads(data)
        return Moved(product=parsed if isinstance(parsed, dict) else {})
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Moved(f"网站没有答应（{type(error).__name__}），所以模拟器也没有走。")
    finally:
        line.close()


def meet(world: "World") -> bool:
    """After a start: if the product answers, its clock is taken over, so that the two agree from the first minute."""
    told = ask_product(world, None)
    theirs = told.instant
    if theirs is None:
        return False
    if abs(world.clock.now() - theirs) > APART:
        world.clock.adopt(theirs - world.clock.wall())
    return True
