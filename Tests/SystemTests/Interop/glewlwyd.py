#!/usr/bin/python3
"""Starts a glewlwyd with a database and certificates of its own, and sets it up by its administration API.

    glewlwyd.py ROOT SCRATCH PORT CERTIFICATE

ROOT is where Debian's packages were unpacked, CERTIFICATE.pem and CERTIFICATE.key are the server's. Environment:
CLIENT_SECRET, REDIRECT_URI, USER_PASSWORD. Prints "ready" and the version once the server has a user, a client and the
OpenID Connect plugin, then waits for the end of its standard input, and takes the server down with it. A database made by hand was rejected: the administration API is what an operator
uses.
"""
import http.cookiejar
import json
import os
import signal
import sqlite3
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT, SCRATCH, PORT, CERTIFICATE = sys.argv[1:5]
BASE = f"https://127.0.0.1:{PORT}"
PLUGIN = {
    "module": "oidc", "name": "oidc", "display_name": "oidc", "enabled": True,
    "parameters": {
        "iss": f"{BASE}/api/oidc", "jwt-type": "sha", "jwt-key-size": "256", "key": "signs-tokens-of-one-test",
        "access-token-duration": 3600, "refresh-token-duration": 1209600, "code-duration": 600,
        "refresh-token-rolling": True, "refresh-token-one-use": "always", "allow-non-oidc": True,
        "auth-type-code-enabled": True, "auth-type-code-revoke-replayed": True, "auth-type-token-enabled": False,
        "auth-type-implicit-enabled": False, "auth-type-password-enabled": False, "auth-type-client-enabled": True,
        "auth-type-device-enabled": True, "auth-type-refresh-enabled": True,
        "device-authorization-expiration": 600, "device-authorization-interval": 1,
        "pkce-allowed": True, "pkce-required": True, "introspection-revocation-allowed": True,
        "introspection-revocation-allow-target-client": True, "oauth-as-iss-id": True,
    },
}
CLIENT = {
    "client_id": "tokend", "name": "tokend", "confidential": True, "enabled": True,
    "client_secret": os.environ["CLIENT_SECRET"], "token_endpoint_auth_method": ["client_secret_basic", "client_secret_post"],
    "redirect_uri": [os.environ["REDIRECT_URI"]], "scope": ["machine"],
    "authorization_type": ["code", "refresh_token", "client_credentials", "device_authorization", "delete_token"],
}
USER = {
    "username": "alice", "password": os.environ["USER_PASSWORD"], "name": "Alice", "email": "alice@example.org",
    "enabled": True, "scope": ["g_profile", "openid", "contacts"],
}


def configure():
    with sqlite3.connect(f"{SCRATCH}/glewlwyd.db") as database:
        with open(f"{ROOT}/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3", encoding="utf-8") as schema:
            database.executescript(schema.read())
    types = "".join(
        '{ extension = ".%s" mime_type = "%s" },' % pair
        for pair in [("html", "text/html"), ("js", "application/javascript"), ("json", "application/json")])
    modules = f"{ROOT}/usr/lib/glewlwyd"
    with open(f"{SCRATCH}/glewlwyd.conf", "w", encoding="utf-8") as file:
        file.write(f"""
port={PORT}
bind_address="127.0.0.1"
external_url="{BASE}"
login_url="login.html"
api_prefix="api"
static_files_path="{ROOT}/usr/share/glewlwyd/webapp/"
static_files_mime_types = ( {types.rstrip(",")} )
log_mode="file"
log_level="DEBUG"
log_file="{SCRATCH}/glewlwyd.log"
cookie_domain="127.0.0.1"
cookie_secure=1
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="{modules}/user"
client_module_path="{modules}/client"
user_auth_scheme_module_path="{modules}/scheme"
plugin_module_path="{modules}/plugin"
use_secure_connection=true
secure_connection_key_file="{CERTIFICATE}.key"
secure_connection_pem_file="{CERTIFICATE}.pem"
hash_algorithm="SHA512"
database = {{ type = "sqlite3" path = "{SCRATCH}/glewlwyd.db" }};
""")


def administrate():
    # The setup trusts what it has just started; tokend and the user agent do not.
    context = ssl._create_unverified_context()
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=context), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def send(method, path, body):
        request = urllib.request.Request(
            f"{BASE}/api/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}, method=method)
        try:
            opener.open(request, timeout=30).read()
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path}: {error.code} {error.read().decode()}")

    for _ in range(300):
        try:
            opener.open(f"{BASE}/config", timeout=30).read()
            break
        except urllib.error.URLError:
            time.sleep(0.1)
    else:
        sys.exit("glewlwyd does not answer")
    send("POST", "auth/", {"username": "admin", "password": "password"})
    for scope in ["contacts", "machine"]:
        send("POST", "scope/", {
            "name": scope, "display_name": scope, "password_required": True, "password_max_age": 0, "scheme": {}})
    send("POST", "user/", USER)
    send("POST", "client/", CLIENT)
    send("POST", "mod/plugin/", PLUGIN)


configure()
program = f"{ROOT}/usr/bin/glewlwyd"
server = subprocess.Popen(
    [program, f"--config-file={SCRATCH}/glewlwyd.conf"], stdin=subprocess.DEVNULL, stdout=sys.stderr)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
try:
    administrate()
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"ready {version}", flush=True)
    sys.stdin.buffer.read()
finally:
    server.kill()
    server.wait()
