"""Secrets, each in a form in which a real one is printed. None of them may stand in any answer."""

import random

# Letters of both cases and digits, as tokens have them; long enough that chance never makes one.
_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"

FORMS = (
    "Authorization: Bearer {}",
    "authorization: Basic {}=",
    '"Authorization": "Bearer {}"',
    "Proxy-Authorization: Basic {}",
    "X-Registry-Auth: {}",
    "Bearer {}",
    "https://robot:{}@registry.example.com/v2/",
    "https://{}@registry.example.com/v2/",
    "http://proxy:{}@10.0.0.1:3128",
    "oauth2:{}@gitlab.example.com",
    "https%3A%2F%2Frobot%3A{}%40registry.example.com",
    "https://auth.example.com/token?service=r&access_token={}&x=1",
    "https://cdn.example.com/b?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date=20260101T000000Z",
    "https://cdn.example.com/b?X-Amz-Signature={}",
    "https://cdn.example.com/b?X-Amz-Security-Token={}&x=y",
    "https://cdn.example.com/b?Key-Pair-Id=K&Signature={}",
    "https://a.blob.core.windows.net/b?sv=2024-01-01&sig={}&se=2026",
    "https://storage.googleapis.com/b?X-Goog-Signature={}",
    "https://cdn.example.com/b?verify={}",
    '{{"auths":{{"r.example.com":{{"auth":"{}"}}}}}}',
    '{{"username":"u","password":"{}"}}',
    '{{\\"identitytoken\\":\\"{}\\"}}',
    '{{"token": "{}"}}',
    "{{'registrytoken': '{}'}}",
    "password={}",
    "password: {}",
    "DOCKER_PASSWORD={}",
    "clientSecret={}",
    "AccountKey={};EndpointSuffix=core.windows.net",
    "api_key={}",
    "access token: {}",
    "--password {}",
    "--password={}",
    "-u robot:{}",
    "--creds robot:{}",
    "Cookie: session={}; other={}",
    "Set-Cookie: sid={}; HttpOnly",
    "eyJhbGciOiJSUzI1NiJ9.eyJ{}.sig-{}",
    "ghp_{}",
    "github_pat_{}",
    "glpat-{}",
    "dckr_pat_{}",
    "-----BEGIN RSA PRIVATE KEY----- MIIE{} -----END RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\\nMIIE{}",
)


def secret(luck: random.Random) -> tuple[str, str]:
    """Give a form with a secret in it, and the secret."""
    canary = "c4" + "".join(luck.choices(_LETTERS, k=24))
    return luck.choice(FORMS).replace("{}", canary).replace("{{", "{").replace("}}", "}"), canary
