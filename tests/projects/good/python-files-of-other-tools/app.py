import os

URL = "postgres://app:hunter2hunter2@db.example.com/app"  # no manifest, so none of reqlint's business
PACKAGES = {"requests": "", "conda": ">=2"}
