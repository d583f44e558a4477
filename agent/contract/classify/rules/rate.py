"""Registries that have had enough, and kubelet's own limit."""

from agent.contract.classify.rule import WORDS, Rule

RULES = (
    Rule(
        cause="rate_limited",
        needle="toomanyrequests",
        pattern=r"toomanyrequests(?:: [^\";\]]{0,120})?",
        by="distribution's error code; Docker Hub, ghcr, ECR, ACR, Harbor, GitLab",
        example="toomanyrequests: You have reached your pull rate limit.",
    ),
    Rule(
        cause="rate_limited",
        needle="too many requests",
        pattern=r"too many requests(?: to registry)?",
        by="RFC 6585; any registry or CDN",
        example="unexpected status code https://r.example.com/v2/a/manifests/1: 429 Too Many Requests",
    ),
    Rule(
        cause="rate_limited",
        needle="rate|rateexceeded|ratelimit|ratelimited",
        pattern=r"(?:pull |request |api )?rate(?: |-)?(?:limit(?:ed)?(?: has been| was)?(?: exceeded| reached)?|"
        r"exceeded)",
        by="Docker Hub, quay, ECR, GitLab",
        example="Error: pull rate limit exceeded",
        weight=WORDS,
    ),
    Rule(
        cause="rate_limited",
        needle="for quota",
        pattern=r"quota exceeded for quota metric[^\"\];]{0,120}",
        by="Google Artifact Registry",
        example="Quota exceeded for quota metric 'Requests per project per user' and limit",
    ),
    Rule(
        cause="rate_limited",
        needle="exceeded the|exceeded your",
        pattern=r"exceeded (?:your|the) (?:[a-z]{2,16} ){0,3}(?:pull|download|transfer|bandwidth|request)s? "
        r"(?:limit|quota)",
        by="Docker Hub, JFrog's cloud",
        example="You have exceeded your data transfer limit",
        weight=WORDS,
    ),
    Rule(
        cause="rate_limited",
        needle="payment",
        pattern=r"(?:402 )?payment[_ ]required",
        by="mirrors and registries that sell traffic: what was paid for is used up",
        example='unknown: {"errors":[{"code":"PAYMENT_REQUIRED","message":"capacity has use up"}]}',
        weight=WORDS,
        transient=False,
    ),
    Rule(
        cause="rate_limited",
        needle="1015",
        pattern=r"error code: 1015",
        by="Cloudflare",
        example="response status code 429: error code: 1015",
        weight=WORDS,
    ),
    Rule(
        cause="rate_limited",
        needle="connectivity_toomanyrequests",
        pattern=r"connectivity_toomanyrequests(?:_error)?",
        by="Azure's command line",
        example="An error occurred: CONNECTIVITY_TOOMANYREQUESTS_ERROR",
    ),
    Rule(
        cause="rate_limited",
        needle="throttled|throttleexception|throttlingexception",
        pattern=r"(?:throttlingexception|throttleexception|request (?:was )?throttled|throttled by)",
        by="AWS",
        example="ThrottlingException: Rate exceeded",
    ),
    Rule(
        cause="pull_qps_exceeded",
        needle="pull qps exceeded",
        by="kubelet, registryPullQPS",
        example='Failed to pull image "r.example.com/a:1": pull QPS exceeded',
    ),
)
