#!/usr/bin/env -S uv run --script
# /// script
# requires-python = "3.12"
# dependencies = [
#   "requests<3",
#   "rich>=13",
#   "Requests",
#   "charts @ git+https://git.example.com/acme/charts.git",
# ]
# [tool.uv]
# dev-dependencies = ["ipython"]
# ///

import requests
