#!/usr/bin/python3
"""A user at a browser: opens an authorize URL, logs in as alice, consents, and prints where the server sent it at last.

    user_agent.py URL REDIRECT_URI [--deny]

URL may also be the one that a device shows, with its code; then it prints the page that says so.

Environment: USER_PASSWORD; CA_FILE, the authorities to trust. It fills in the forms that a server's pages have; of
glewlwyd's pages, which are one script, it does the script's requests and can only consent. A real browser was rejected: hundreds of megabytes
for two forms.
"""
import html.parser
import http.cookiejar
import json
import os
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request

REDIRECT_URI = sys.argv[2]
DENIES = "--deny" in sys.argv[3:]
PASSWORD = os.environ["USER_PASSWORD"]


class Arrived(Exception):
    """The server sent the browser to the client's redirect URI, where nobody listens."""


class Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, request, file, code, message, headers, url):
        if url.startswith(REDIRECT_URI):
            raise Arrived(url)
        return super().redirect_request(request, file, code, message, headers, url)


class Form(html.parser.HTMLParser):
    """The inputs of a page's form and its buttons; a page that has no form has no inputs."""

    def __init__(self, page):
        super().__init__()
        self.inputs, self.buttons = {}, []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        field = dict(attributes)
        if tag == "button" or tag == "input" and field.get("type") == "submit":
            self.buttons.append(field)
        elif tag == "input" and "name" in field:
            self.inputs[field["name"]] = field.get("value", "")

    def filled_in(self):
        fields = dict(self.inputs)
        who = {"username": "alice", "login": "alice", "password": PASSWORD}
        asked = who.keys() & fields.keys()
        if asked:
            return fields | {name: who[name] for name in asked}
        return fields | self.consent()

    def consent(self):
        """The button that consents: Canaille's has a value, django-oauth-toolkit's a name; each one's other denies."""
        answers = {b["value"]: b["name"] for b in self.buttons if "name" in b and "value" in b}
        if "accept" in answers:
            answer = "deny" if DENIES else "accept"
            return {answers[answer]: answer}
        return {} if DENIES else {name: value for value, name in answers.items()}


class Browser:
    def __init__(self):
        context = ssl.create_default_context(cafile=os.environ.get("CA_FILE"))
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context), Redirects(),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def send(self, url, body=None, kind=None, method=None):
        headers = {"Content-Type": kind, "Referer": url} if kind else {}
        with self.opener.open(
                urllib.request.Request(url, body, headers, method=method), timeout=30) as answer:
            return answer.url, answer.read().decode()

    def submit(self, url, form):
        """Fills in a login or a consent form and sends it."""
        body = urllib.parse.urlencode(form.filled_in()).encode()
        return self.send(url, body, "application/x-www-form-urlencoded")

    def run_login_script(self, url):
        """What the script of glewlwyd's login page does: log in, grant the scopes, go on."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        if query.get("prompt") == "deviceComplete":
            raise Arrived(url)
        api = urllib.parse.urljoin(url, "api/auth/")
        self.send(api, json.dumps({"username": "alice", "password": PASSWORD}).encode(), "application/json")
        self.send(
            f"{api}grant/{query['client_id']}", json.dumps({"scope": query["scope"]}).encode(), "application/json",
            "PUT")
        return self.send(query["callback_url"] + "&g_continue")


def visit(url):
    browser = Browser()
    url, page = browser.send(url)
    for _ in range(4):
        if urllib.parse.urlsplit(url).path == "/login.html":
            url, page = browser.run_login_script(url)
            continue
        form = Form(page)
        if not form.inputs:
            break
        url, page = browser.submit(url, form)
    sys.exit(f"the server did not send the browser back, it is at {url.partition('?')[0]}: {page[:400]}")


try:
    visit(sys.argv[1])
except Arrived as arrived:
    print(arrived)
except urllib.error.HTTPError as error:
    sys.exit(f"{error.url.partition('?')[0]}: {error.code} {error.read().decode()[:400]}")
