"""Signatures that are missing or do not verify."""

from agent.contract.classify.rule import WORDS, Rule

RULES = (
    Rule(
        cause="signature_rejected",
        needle="none|signature|signatures|signaturevalidationfailed",
        pattern=r"(?:a signature was required, but no signature exists|signaturevalidationfailed|invalid gpg signature|"
        r"signature for identity [^;]{1,300} is not accepted|missing signature key|signature verification failed|"
        r"(?:failed to|could not|unable to) (?:verify|validate) (?:the )?(?:image )?signature|no matching signatures|"
        r"no signatures? found|none of the (?:expected )?(?:signatures|attestations)[^;]{0,80}|no valid signatures?|"
        r"cryptographic signature verification failed|(?:error|failed) (?:verifying|checking) signature|verifying "
        r"signatures)",
        by="containers/image, cosign, CRI-O, Docker",
        example="Source image rejected: A signature was required, but no signature exists",
    ),
    Rule(
        cause="signature_rejected",
        needle="trust data",
        pattern=r"(?:no|missing|remote) (?:valid )?trust data|does not have trust data|trust data (?:missing|"
        r"unavailable|does not exist)|root trust data unavailable",
        by="Docker Content Trust, notary",
        example="Error: remote trust data does not exist for docker.io/library/a",
    ),
    Rule(
        cause="signature_rejected",
        needle="source image rejected",
        by="containers/image",
        example="Source image rejected: None of the signatures were accepted",
        weight=WORDS,
    ),
    Rule(
        cause="signature_rejected",
        needle="image verif",
        pattern=r"image verif(?:ication|ier)[^\";]{0,80}(?:failed|rejected)",
        by="CRI-O, Talos, k3s",
        example="image verification failed for r.example.com/a",
        weight=WORDS,
    ),
)
