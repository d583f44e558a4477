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
        needle="is not signed|find signed digest",
        pattern=r"image is not signed(?: (?:in|by) [a-z]{2,20})?|unable to find signed digest",
        by="Harbor 1.x-2.x; Connaisseur",
        example="Error response from daemon: unknown: The image is not signed in Notary.",
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
    Rule(
        cause="signature_rejected",
        needle="required email|oidc issuer|subject hostname|subject email",
        pattern=r"required email \"?[^\s\"]{1,200}\"? not found|unexpected fulcio oidc issuer|unexpected subject "
        r"hostname|"
        r"no matching subject email",
        by="containers/image: a sigstore certificate of somebody else",
        example='Source image rejected: Required email "a@example.com" not found (got []string{"b@example.com"})',
    ),
    Rule(
        cause="signature_rejected",
        needle="keys imported|not found for|rekor set|rekorset|verifying leaf|veryfying",
        pattern=r"(?:in |of |verified against the )?rekor ?set[ :][^;]{0,120}|no public keys imported|key not found "
        r"for key "
        r"id|ver[iy]fying leaf certificate failed",
        by="containers/image",
        example="Source image rejected: cryptographic signature verification of Rekor SET failed",
    ),
    Rule(
        cause="signature_rejected",
        needle="not accepted|gpg signature count|signature expired on",
        pattern=r"signature (?:for identity|by key) [^;]{0,300}not accepted|unexpected gpg signature count|signature "
        r"expired "
        r"on",
        by="containers/image",
        example="Source image rejected: Signature by key 00 is not accepted",
    ),
    Rule(
        cause="signature_rejected",
        needle="unverified image|verify image|signature key validation|transparency log|trusted signer|no matching "
        "attestations",
        pattern=r"unverified image|failed to verify image|signature key validation failed|signature not found in "
        r"transparency log|not produced by a trusted signer|no matching attestations",
        by="Kyverno, sigstore's policy-controller and cosign, Notation",
        example="admission webhook denied the request: failed to verify image r.example.com/a:1",
    ),
    Rule(
        cause="signature_rejected",
        needle="no signature is associated|find signed digest|trusted root",
        pattern=r"no signature is associated with|unable to find signed digest for|could not validate the path to a "
        r"trusted root",
        by="Notation, Connaisseur, Docker Content Trust",
        example='no signature is associated with "r.example.com/a@sha256:00"',
    ),
    Rule(
        cause="signature_rejected",
        needle="signatures do not",
        pattern=r"(?:validate image failed: )?the signatures do not (?:satisf(?:y|ied)|match)",
        by="image-rs: Kata and Confidential Containers",
        example="Security validate failed: Validate image failed: The signatures do not satisfied! Reject reason: []",
    ),
)
