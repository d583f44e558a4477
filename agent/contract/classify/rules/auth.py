"""Refusals for want of the right credentials, in the registry's words. Status numbers stand in `status`.

A registry says 401 or DENIED for what does not exist, too: it does not tell strangers what it has.
"""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
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
        r"permission_denied|code = permissiondenied|access (?:to the resource )?is denied|access denied|"
        r"access forbidden|(?<!\w )denied: [^\";\]]{1,160}|(?<=: )denied|(?<=\")denied(?=\"[,}])|unknown: forbidden)",
        by="Docker, distribution, ghcr, GitLab, Google, Artifactory",
        example="pull access denied for a/b, repository does not exist or may require 'docker login'",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="access to|download request for",
        pattern=r"access to [^\s\"]{1,300} (?:was |is |has been )?denied|download request for repo:path [^;\"]{1,300}? "
        r"is forbidden for user",
        by="Azure Container Registry, Artifactory",
        example="Resource registries/a Access to a.example.com denied.",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle=(
            "authorization failed|authorization header|authorization status|authorization token|authorized|"
            "insufficient scope|insufficient_scope|no authorization|to access"
        ),
        pattern=r"(?:(?:access to the requested resource is )?not authorized(?: to [a-z]{3,20})?|unauthorized to "
        r"access repository|no permissions? to access|"
        r"authorization (?:token|status|header)[^\";\]]{0,60}|no authorization|insufficient_scope|insufficient "
        r"scopes?|authorization failed)",
        by="quay, Harbor, ECR, containerd, distribution's log",
        example="server message: insufficient_scope: authorization failed",
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
        needle="objects.get|permission",
        pattern=r"(?:do(?:es)?(?:n't| not) have permission|permission [\"']?[a-z.]{3,80}[\"']? denied|"
        r"lacks? permission|insufficient permission|does not have storage\.objects\.get access|permission denied for)",
        by="Google Artifact Registry and Container Registry",
        example="Unauthenticated requests do not have permission "
        '"artifactregistry.repositories.downloadArtifacts" on resource',
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="been locked|deactivated|disabled|find robot|is locked|login attempts|suspended|was locked",
        pattern=r"too many failed login attempts|(?:account|robot|user) (?:[^\s\"]{1,80} )?(?:is|was|has been) "
        r"(?:disabled|locked|suspended|deactivated)|could not find robot",
        by="Docker Hub, quay, Harbor, GitLab",
        example="unauthorized: Could not find robot with specified username",
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
        needle="have access|import failed",
        pattern=r"import failed \(unauthorized\)|you may not have access to the (?:docker|container) image",
        by="OpenShift's image import",
        example="Import failed (Unauthorized): you may not have access to the Docker image",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="accessible|inaccessibleimage",
        pattern=r"inaccessibleimage|is not accessible\. please check the image and registry credential",
        by="Azure Container Instances",
        example="InaccessibleImage: The image 'a' in container group 'b' is not accessible.",
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
        needle="anonymous|oauth token|requesting",
        pattern=r"failed to fetch (?:anonymous|oauth) token|requesting bear(?:er)? token",
        by="containerd, BuildKit, containers/image: the token service, why follows",
        example="error: failed to fetch oauth token: strange",
        weight=HINT,
    ),
    Rule(
        cause="auth_failed",
        needle="reading manifest",
        pattern=r"reading manifest [^\s\"]{1,200} in [^\s\"]{1,300}: errors:",
        by="containers/image, its first line: two refusals follow, and only Docker Hub answers with two",
        example="Error reading manifest 1 in r.example.com/a: errors:",
        weight=HINT,
    ),
    Rule(
        cause="auth_failed",
        needle="using managed identity",
        pattern=r"unable to pull image using managed identity [^\s\"']{1,300}(?: for registry [^\s\"']{1,253})?",
        by="Azure Container Apps",
        example="unable to pull image using Managed identity /subscriptions/0/id for registry r.example.com",
        weight=WORDS,
    ),
)
