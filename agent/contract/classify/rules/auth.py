"""Refusals for want of the right credentials.

A registry says 401 or DENIED for what does not exist, too: it does not tell strangers what it has.
"""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
    Rule(
        cause="auth_failed",
        needle="401",
        pattern=r"(?:status(?: code)?(?: from registry)?[:=]? |error[: ]{1,2}|http |\()?401(?: unauthorized|\)| "
        r"\(unauthorized\)| - )",
        by="containerd, containers/image, oras, crane",
        example="unexpected status from HEAD request to https://r.example.com/v2/a/manifests/1: 401 Unauthorized",
    ),
    Rule(
        cause="auth_failed",
        needle="403",
        pattern=r"(?:status(?: code)?(?: from registry)?[:=]? |error[: ]{1,2}|http )?(?:403(?: forbidden| "
        r"\(forbidden\)|\)| response body))",
        by="containerd, Docker, containers/image",
        example="login attempt failed with status: 403 Forbidden",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="401|403",
        pattern=r"status(?: code)?(?: from registry)?(?:[:=] ?| )(?:401|403)",
        by="several clients",
        example="Error: Status 403 trying to pull repository a",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="unauthorized",
        pattern=r"unauthorized: [^\";\]]{3,200}",
        by="distribution's error code, as Docker and containers/image print it",
        example="unauthorized: authentication required",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="unauthorized",
        pattern=r"(?<=: )unauthorized|(?<=\")unauthorized(?=\"[,}])",
        by="JSON bodies and short forms",
        example='401 {"errors":[{"code":"UNAUTHORIZED","detail":null}]}',
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="denied|forbidden|permissiondenied",
        pattern=r"(?:pull access denied|requested access to the resource is denied|http basic: access denied|"
        r"permission_denied|permissiondenied|access (?:to the resource )?is denied|access denied|access forbidden|"
        r"(?<=: )denied(?:: [^\";\]]{0,160})?|(?<=\")denied(?=\"[,}]))",
        by="Docker, distribution, ghcr, GitLab, Google",
        example="pull access denied for a/b, repository does not exist or may require 'docker login'",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="access|authorization|authorized|insufficient",
        pattern=r"(?:(?:access to the requested resource is )?not authorized(?: to [a-z]{3,20})?|unauthorized to "
        r"access repository|"
        r"authorization (?:token|status)[^\";\]]{0,60}|no authorization|insufficient_scope|authorization failed)",
        by="quay, Harbor, ECR, containerd",
        example="server message: insufficient_scope: authorization failed",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="basic auth credentials",
        pattern=r"no basic auth credentials",
        by="Docker and containerd against ECR",
        example="Get https://1.dkr.ecr.eu-west-1.amazonaws.com/v2/a/manifests/1: no basic auth credentials",
    ),
    Rule(
        cause="auth_failed",
        needle="credential|credentials|credentialsnotfound|password",
        pattern=r"(?:invalid credentials|incorrect username or password|"
        r"error getting credentials|credentials? (?:has|have) expired|bad credentials|no credentials(?: found)?|"
        r"credentialsnotfound|"
        r"failed to retrieve credentials)(?:[ :,.(][^\";\]]{0,120})?",
        by="containers/image, Docker",
        example="error getting credentials - err: exit status 1, out: ``",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="retrieve",
        pattern=r"unable to retrieve auth token[^\";\]]{0,160}",
        by="containers/image",
        example="unable to retrieve auth token: invalid username/password",
        weight=HINT,
    ),
    Rule(
        cause="auth_failed",
        needle="credential|expiredtoken|token",
        pattern=r"(?:token|credential) (?:has |is )?(?:expired|invalid|revoked)|expiredtoken|invalid_token|invalid "
        r"token",
        by="ECR, GitLab, distribution",
        example="Your Authorization Token has expired. Please run 'aws ecr get-login'",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="password",
        pattern=r"(?:incorrect username or password|(?:wrong|invalid|incorrect) (?:user ?name|login)(?: or |/)"
        r"password|"
        r"password or token is incorrect)",
        by="Docker Hub, GitLab, containers/image",
        example="unauthorized: incorrect username or password",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="authentication",
        pattern=r"(?:authentication (?:is )?required|authentication failed|authentication failure|failed "
        r"authentication)",
        by="distribution, ACR",
        example="errors: authentication required, visit the documentation",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="permission",
        pattern=r"(?:do(?:es)?(?:n't| not) have permission|permission \"?artifactregistry[^\s\"]{0,80}\"? denied|"
        r"lacks? permission|insufficient permission)",
        by="Google Artifact Registry",
        example="Unauthenticated requests do not have permission "
        '"artifactregistry.repositories.downloadArtifacts" on resource',
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="may require",
        pattern=r"repository does not exist or may require (?:'docker login'|authorization)[^\";\]]{0,160}",
        by="Docker, containerd",
        example="repository does not exist or may require 'docker login'",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="failed to authorize",
        pattern=r"failed to authorize(?:: failed to fetch (?:anonymous|oauth) token)?",
        by="containerd: the token service, why follows",
        example="failed to resolve reference: failed to authorize: failed to fetch oauth token",
        weight=HINT,
    ),
    Rule(
        cause="auth_failed",
        needle="some",
        pattern=r"unable to retrieve some image pull secrets[^\"\];]{0,200}",
        by="kubelet, FailedToRetrieveImagePullSecret",
        example="Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.",
        weight=HINT,
    ),
)
