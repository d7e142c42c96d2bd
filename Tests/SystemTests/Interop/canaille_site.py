"""A Canaille on SQLite with one user and a client for each way to authenticate.

    canaille_site.py SCRATCH PORT

Run by the Python of the virtual environment that has Canaille. Environment: CLIENT_SECRET, REDIRECT_URI, USER_PASSWORD.
Writes the private key of the client "signer" to SCRATCH/signer.pem. Ends when its standard input does.
Its memory backend was rejected: it finds a code by the code or the client, so that any other code of the client may come.
"""
import datetime
import importlib.metadata
import json
import os
import sys

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from joserfc.jwk import ECKey

import loopback

SCRATCH, PORT = sys.argv[1:3]

app = create_app({
    "SECRET_KEY": "of-one-test",
    "SERVER_NAME": f"127.0.0.1:{PORT}",
    "PREFERRED_URL_SCHEME": "http",
    "CANAILLE": {"DATABASE": "sql", "HTMX": False, "ACL": {"DEFAULT": {"PERMISSIONS": ["edit_self", "use_oidc"]}}},
    "CANAILLE_SQL": {"DATABASE_URI": f"sqlite:///{SCRATCH}/canaille.sqlite"},
    # Nobody is trusted, so that the consent page is shown.
    "CANAILLE_OIDC": {"REQUIRE_NONCE": False, "TRUSTED_DOMAINS": ["trusted.example"]},
})

signer = ECKey.generate_key("P-256")
with open(f"{SCRATCH}/signer.pem", "wb") as file:
    file.write(signer.as_pem(private=True))

with app.app_context():
    now = datetime.datetime.now(datetime.timezone.utc)
    with Backend.instance.session():
        user = models.User(
            user_name="alice", family_name="Doe", formatted_name="Alice Doe", password=os.environ["USER_PASSWORD"],
            emails=["alice@example.org"])
        Backend.instance.save(user)
        for name, method, grants in [
            ("tokend", "client_secret_basic", ["authorization_code", "refresh_token"]),
            ("poster", "client_secret_post", ["authorization_code", "refresh_token"]),
            ("signer", "private_key_jwt", ["authorization_code", "refresh_token"]),
            ("machine", "client_secret_basic", ["client_credentials"]),
        ]:
            keys = {"keys": [signer.as_dict(private=False)]} if name == "signer" else None
            client = models.Client(
                client_id=name, client_secret=None if keys else os.environ["CLIENT_SECRET"], client_name=name,
                jwks=json.dumps(keys) if keys else None, client_uri=None, client_id_issued_at=now,
                redirect_uris=[os.environ["REDIRECT_URI"]], grant_types=grants,
                response_types=["code"], scope=["openid", "profile"], token_endpoint_auth_method=method)
            Backend.instance.save(client)
            client.audience = [client]
            Backend.instance.save(client)

loopback.serve(app, SCRATCH, PORT, importlib.metadata.version("canaille"))
