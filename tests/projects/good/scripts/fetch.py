#!/usr/bin/env -S uv run --script
#
# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "requests<3",
#   "rich",
# ]
#
# [tool.uv]
# exclude-newer = "2026-10-01T00:00:00Z"
# ///

"""Fetches the list of releases."""

import requests
from rich.pretty import pprint

pprint([key for key, _ in requests.get("https://packages.example.com/releases.json", timeout=10).json().items()][:10])
