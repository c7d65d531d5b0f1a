"""The AWS access portal over HTTP: the ``sso`` and ``sso-oidc`` APIs and the page on which somebody signs in."""
