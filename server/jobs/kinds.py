"""Every kind of work there is, and who does it."""

from collections.abc import Mapping

from server.jobs.alike import find_alike
from server.jobs.articles import broadcast, follow_publishing, publish_notice, push_article
from server.jobs.campaigns import preview_campaign, push_campaign, test_campaign
from server.jobs.casefiles import pack_case_file
from server.jobs.checking import check_text
from server.jobs.finding import index
from server.jobs.forgetting import forget_photograph
from server.jobs.lecture_code import lecture_code
from server.jobs.media import fetch_media
from server.jobs.queue import Held, Job, Turn
from server.jobs.telling import send, tell


def erase_request(turn: Turn) -> None:
    """Dropping a key cannot be undone: a person looks first."""
    raise Held("居民在微信里撤回了授权，请核对后办理删除个人信息")


JOBS: Mapping[str, Job] = {
    "tell": tell,
    "send": send,
    "publish_notice": publish_notice,
    "push_article": push_article,
    "follow_publishing": follow_publishing,
    "broadcast": broadcast,
    "preview_campaign": preview_campaign,
    "test_campaign": test_campaign,
    "push_campaign": push_campaign,
    "fetch_media": fetch_media,
    "check_text": check_text,
    "erase_request": erase_request,
    "pack_case_file": pack_case_file,
    "find_alike": find_alike,
    "index": index,
    "lecture_code": lecture_code,
    "forget_photograph": forget_photograph,
}
