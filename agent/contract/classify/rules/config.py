"""Files of the node that a runtime cannot read as they are meant."""

from agent.contract.classify.rule import WORDS, Rule

RULES = (
    Rule(
        cause="config_invalid",
        needle="/etc/containers/",
        pattern=r"(?:loading registries configuration|invalid policy in|error loading|parsing) \"?/etc/containers/"
        r"[^;\]]{1,200}",
        by="containers/image: registries.conf, policy.json",
        example='loading registries configuration "/etc/containers/registries.conf": toml: line 3: expected a value',
    ),
    Rule(
        cause="config_invalid",
        needle="policy.json",
        pattern=r"(?:open|read) [^\s\"]{1,200}/policy\.json: [a-z][a-z ]{3,60}",
        by="containers/image",
        example="open /etc/containers/policy.json: no such file or directory",
    ),
    Rule(
        cause="config_invalid",
        needle="hosts.toml|to load|toml: line",
        pattern=r"toml: line \d{1,6}[^;\]]{0,120}|failed to (?:load|parse|decode) hosts\.toml|"
        r"failed to load (?:registry )?(?:configuration|hosts|host config)[^;\]]{0,120}",
        by="containers/image, containerd's certs.d",
        example="toml: line 7 (last key \"registry\"): expected '.' or '='",
        weight=WORDS,
    ),
    Rule(
        cause="config_invalid",
        needle="missing",
        pattern=r"missing (?:client certificate|key) [^\s\"]{1,300} for (?:key|client certificate)[^;\]]{0,200}",
        by="containers/image, containerd, Docker: certs.d",
        example="missing client certificate client.cert for key client.key",
    ),
    Rule(
        cause="config_invalid",
        needle="getting default|loading|registries.conf must|the registries.conf",
        pattern=r"loading (?:drop-in )?registries configuration|unable to parse the registries\.conf file|"
        r"registries\.conf "
        r"must be in v2 format|error getting default registries to try",
        by="containers/image, podman",
        example="unable to parse the registries.conf file: open /etc/containers/registries.conf: odd",
    ),
    Rule(
        cause="config_invalid",
        needle="last key parsed|cannot load toml",
        pattern=r"near line \d{1,6} \(last key parsed|cannot load toml value",
        by="containers/image, podman: registries.conf",
        example="Near line 9 (last key parsed ''): Bare keys cannot contain ':'.",
    ),
    Rule(
        cause="config_invalid",
        needle="is provided|no policy|to decode|tree",
        pattern=r"no policy\.json file found|failed to decode hosts\.toml|invalid `host` tree|cannot be set when "
        r"`config_path` is provided",
        by="containers/image, containerd's certs.d and config.toml",
        example='no policy.json file found at any of the following: "/etc/containers/policy.json"',
    ),
    Rule(
        cause="config_invalid",
        needle="ca cert|image config|parse|to load",
        pattern=r"invalid cri image config|parse registry endpoint|unable to (?:load|read) ca cert|failed to load x509 "
        r"key "
        r"pair",
        by="containerd",
        example='unable to read CA cert "/etc/containerd/certs.d/r.example.com/ca.crt": open: no such file or '
        "directory",
    ),
    Rule(
        cause="config_invalid",
        needle="private key|rather than|to find",
        pattern=r"tls: (?:failed to find (?:any |\"certificate\" )?pem (?:data|block)[^\";\]]{0,60}|private key does "
        r"not match public key|failed to "
        r"parse private key|found a (?:certificate|private key) rather than a)",
        by="Go crypto/tls: a client certificate's files",
        example="tls: private key does not match public key",
    ),
    Rule(
        cause="config_invalid",
        needle="unsupported protocol scheme",
        by="Go net/http: an endpoint without https:// or http://",
        example='Head "r.example.com/v2/a/manifests/1": unsupported protocol scheme ""',
    ),
    Rule(
        cause="config_invalid",
        needle="after host|character|segment in|url escape",
        pattern=r"invalid port \"?:[^\s\"]{0,80}\"? after host|invalid character \"?.{1,4}\"? in host name|first path "
        r"segment "
        r"in url cannot contain colon|invalid url escape",
        by="Go net/url: an endpoint or a proxy's address",
        example='parse "http://10.0.0.5:abc": invalid port ":abc" after host',
        weight=WORDS,
    ),
    Rule(
        cause="config_invalid",
        needle="configure|daemon.json|error loading",
        pattern=r"unable to configure the docker daemon with file|error loading config file|/etc/docker/daemon\.json: "
        r"[a-z][a-z ]{3,60}",
        by="Docker",
        example="unable to configure the Docker daemon with file /etc/docker/daemon.json: invalid character",
        weight=WORDS,
    ),
    Rule(
        cause="config_invalid",
        needle="getting username and password",
        pattern=r"getting username and password: (?:\d{1,3} errors? occurred:?[ *]{1,4})?(?:reading|unmarshaling|"
        r"parsing|"
        r"decoding|open)[^;\]]{0,300}",
        by="containers/image: auth.json",
        example='getting username and password: reading JSON file "/run/containers/0/auth.json": open: permission '
        "denied",
    ),
    Rule(
        cause="config_invalid",
        needle="json file|unmarshaling",
        pattern=r"(?:reading json file|unmarshaling json at) \"?/[^\s\"]{1,300}\"?: [^;\]]{1,300}",
        by="containers/image: auth.json, config.json",
        example='reading JSON file "/root/.docker/config.json": unmarshaling JSON at "/root/.docker/config.json": '
        "unexpected end of JSON input",
    ),
)
