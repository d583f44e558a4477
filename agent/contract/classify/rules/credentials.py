"""Credentials that the node cannot get, or that are too old: helpers, plugins, secrets, cloud identities."""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
    Rule(
        cause="auth_failed",
        needle="basic auth|basic credential|credential required",
        pattern=r"no basic auth credentials|basic credential not found|credential required for basic auth",
        by="Docker and containerd against ECR; oras",
        example="Get https://1.dkr.ecr.eu-west-1.amazonaws.com/v2/a/manifests/1: no basic auth credentials",
    ),
    Rule(
        cause="auth_failed",
        needle="credential|credentials|credentialsnotfound|nocredentialproviders",
        pattern=r"(?:invalid credentials|(?:error|failed)(?: to)? (?:get|getting|list|listing|store|storing|save|"
        r"saving) credentials|credentials store (?:error|docker-credential)|credentials? (?:has|have) expired|"
        r"bad credentials|no credentials(?: found)?|credentialsnotfound|failed to retrieve credentials|"
        r"unable to locate credentials|could not find default credentials|nocredentialproviders|no matching "
        r"credentials(?! were found, falling back))(?:[ :,.(][^\";\]]{0,120})?",
        by="Docker's credential helpers, containers/image, AWS and Google Cloud SDKs",
        example="error getting credentials - err: exit status 1, out: ``",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="credential",
        pattern=r"exec: \"?docker-credential-[a-z0-9.-]{1,60}\"?: executable file not found|credential provider plugin|"
        r"failed getting credential from external registry credential provider",
        by="Docker; kubelet 1.20+",
        example='exec: "docker-credential-desktop": executable file not found in $PATH',
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
        needle="credential|expiredtoken|expiredtokenexception|token",
        pattern=r"(?:token|credential) (?:has |is )?(?:expired|invalid|revoked)|expiredtoken(?:exception)?|"
        r"invalid_token|invalid token|security token included in the request is (?:expired|invalid)|"
        r"token exchange failed|did not include a token in the response",
        by="ECR, GitLab, distribution, Google Container Registry, containerd",
        example="Your Authorization Token has expired. Please run 'aws ecr get-login'",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="accessdeniedexception|imds|invalidsignatureexception|unrecognizedclientexception",
        pattern=r"accessdeniedexception|unrecognizedclientexception|invalidsignatureexception|no ec2 imds role found",
        by="AWS",
        example="AccessDeniedException: User: arn:aws:sts::1:assumed-role/a may not",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="connectivity_aad_login|connectivity_access_token|connectivity_challenge|connectivity_refresh_token|grant",
        pattern=r"connectivity_(?:aad_login|access_token|refresh_token|challenge)_error|invalid_grant",
        by="Azure's command line; OAuth 2",
        example="An error occurred: CONNECTIVITY_REFRESH_TOKEN_ERROR",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="challenge",
        pattern=r"no successful auth challenge",
        by="Docker",
        example="no successful auth challenge for https://r.example.com/v2/ - errors: []",
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
