"""One process of the token test: eight threads ask for a token at once and print what they got."""

import sys
import threading
from pathlib import Path

from server.wire.wire import Wire
from tests.conftest import OFFICIAL, settings_for
from tests.houses import bare_house

url, base, folder, threads = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
settings = settings_for(url, folder, wechat_api_base=base)
app = bare_house(settings)
wire = Wire(settings)
gate = threading.Barrier(threads)
got: list[str] = []


def ask() -> None:
    with app.app_context():
        gate.wait(30)
        try:
            got.append(wire.tokens.token(OFFICIAL.appid))
        except Exception as error:
            got.append(f"{type(error).__name__}: {error}")


sys.stdin.readline()
crowd = [threading.Thread(target=ask) for _ in range(threads)]
for one in crowd:
    one.start()
for one in crowd:
    one.join()
print("\n".join(got), flush=True)
