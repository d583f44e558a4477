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
        needle="hosts|line|load",
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
)
