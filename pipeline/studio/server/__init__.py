"""The web server: routes, and who may use them."""
