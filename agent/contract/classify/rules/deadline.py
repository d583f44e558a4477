"""Pulls that were given up, and nothing says more."""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
    Rule(
        cause="cancelled",
        needle="no progress",
        pattern=r"because of no progress (?:in|for) [^\s\",]{1,30}",
        by="containerd's image_pull_progress_timeout, dockershim",
        example="cancel pulling image r.example.com/a:1 because of no progress in 1m0s",
        weight=WORDS,
    ),
    Rule(
        cause="cancelled",
        needle="context",
        pattern=r"context (?:deadline exceeded|cancell?ed)",
        by="Go context",
        example="failed to pull and unpack image: context canceled",
        weight=HINT,
    ),
    Rule(
        cause="cancelled",
        needle="canceled|cancelled",
        pattern=r"(?:net/http: request|operation was|pull|request) cancell?ed",
        by="Go net, net/http",
        example="ErrImagePull: net/http: request canceled",
        weight=HINT,
    ),
    Rule(
        cause="cancelled",
        needle="deadlineexceeded",
        pattern=r"code = deadlineexceeded",
        by="gRPC's code alone",
        example="rpc error: code = DeadlineExceeded desc = truncated",
        weight=HINT,
    ),
    Rule(
        cause="cancelled",
        needle="cancellation",
        pattern=r"\(?client\.timeout or context cancellation while reading body",
        by="Go net/http",
        example="context deadline exceeded (Client.Timeout or context cancellation while reading body)",
        weight=WORDS,
    ),
    Rule(cause="cancelled", needle="signal: killed", by="Go os/exec", example="unpigz: signal: killed", weight=WORDS),
    Rule(
        cause="cancelled",
        needle="code = canceled|code = cancelled",
        pattern=r"code = cancell?ed",
        by="gRPC's code alone",
        example="rpc error: code = Canceled desc = truncated",
        weight=HINT,
    ),
    Rule(
        cause="cancelled",
        needle="timed out waiting|timed out on waiting",
        pattern=r"timed out (?:on )?waiting (?:for the condition|(?:up to [^\s\"]{1,20} )?for image pull progress "
        r"updates)",
        by="Kubernetes; CRI-O 1.31+, pull_progress_timeout",
        example="Timed out on waiting up to 10s for image pull progress updates",
        weight=HINT,
    ),
)
