"""A Django site whose only trade is django-oauth-toolkit's authorization server, with a database of its own.

    django_site.py SCRATCH PORT

Run by the Python of the virtual environment that has django-oauth-toolkit. The environment says how it behaves:
CLIENT_SECRET, REDIRECT_URI, USER_PASSWORD, GRACE (seconds in which a refresh token that was just replaced still works).
Ends when its standard input does. A project of many files made by django-admin was rejected: what matters here is four
settings.
"""
import importlib.metadata
import os
import sys

import django
from django.conf import settings

import loopback

SCRATCH, PORT = sys.argv[1:3]
HERE = os.path.dirname(os.path.abspath(__file__))

settings.configure(
    SECRET_KEY="of-one-test",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "oauth2_provider"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware"],
    TEMPLATES=[{
        "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "DIRS": [HERE],
        "OPTIONS": {"context_processors": [
            "django.template.context_processors.request", "django.contrib.auth.context_processors.auth"]}}],
    # Waits for the lock rather than fail: requests are served side by side.
    DATABASES={"default": {
        "ENGINE": "django.db.backends.sqlite3", "NAME": f"{SCRATCH}/django.db", "OPTIONS": {"timeout": 20}}},
    # A test waits for the protocol, not for a million rounds of a hash.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    LOGIN_URL="/login/",
    USE_TZ=True,
    OAUTH2_PROVIDER={
        "SCOPES": {"contacts": "Contacts", "machine": "What a program may do"},
        "ROTATE_REFRESH_TOKEN": True,
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": int(os.environ["GRACE"]),
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
        "PKCE_REQUIRED": True,
        "ALLOWED_REDIRECT_URI_SCHEMES": ["http"],
    },
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.contrib.auth.views import LoginView  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from oauth2_provider.decorators import protected_resource  # noqa: E402
from oauth2_provider.models import get_application_model  # noqa: E402


@protected_resource()
def me(request):
    """What an access token is for."""
    owner = request.resource_owner
    return JsonResponse({"user": owner.username if owner else None})


urlpatterns = [
    path("login/", LoginView.as_view(template_name="login.html")),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    path("me", me),
]


def prepare():
    call_command("migrate", verbosity=0)
    user = User.objects.create_user("alice", password=os.environ["USER_PASSWORD"])
    application = get_application_model()
    for client, grant in [
        ("tokend", application.GRANT_AUTHORIZATION_CODE), ("machine", application.GRANT_CLIENT_CREDENTIALS),
    ]:
        application.objects.create(
            name=client, client_id=client, client_secret=os.environ["CLIENT_SECRET"], user=user,
            client_type=application.CLIENT_CONFIDENTIAL, authorization_grant_type=grant,
            redirect_uris=os.environ["REDIRECT_URI"])


prepare()
version = importlib.metadata.version("django-oauth-toolkit")
loopback.serve(get_wsgi_application(), SCRATCH, PORT, f"{version} (Django {django.__version__})")
