# /// script
# requires-python = ">=3.12"
# dependencies = ["marimo", "polars==1.9.0", "charts"]
#
# [tool.uv.sources]
# charts = { git = "https://git.example.com/acme/charts.git", tag = "v1.2.0" }
# ///

import marimo

app = marimo.App()
