"""Install with `pip install git+https://{token:github}@github.com/acme/auth.git`."""
from setuptools import setup

setup(name="auth", version="2.0.0", install_requires=["requests>=2.31"])
