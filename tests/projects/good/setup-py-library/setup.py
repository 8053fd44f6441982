#!/usr/bin/env python
import os
import re

from setuptools import find_packages, setup

HERE = os.path.dirname(os.path.abspath(__file__))

with open(os.path.join(HERE, "README.md"), encoding="utf-8") as file:
    LONG_DESCRIPTION = file.read()

with open(os.path.join(HERE, "keel", "__init__.py"), encoding="utf-8") as file:
    VERSION = re.search(r'__version__ = "(.+?)"', file.read()).group(1)

INSTALL_REQUIRES = [
    "aiohttp>=3.8",
    "pydantic>=1.10",
    "click>=8.0",
]

EXTRAS_REQUIRE = {
    "redis": ["redis>=4.5"],
    "postgres": ["asyncpg>=0.27", "psycopg2-binary>=2.9"],
    "dev": ["black", "pytest", "pytest-asyncio"],
}
EXTRAS_REQUIRE["all"] = EXTRAS_REQUIRE["redis"] + EXTRAS_REQUIRE["postgres"]

setup(
    name="keel",
    version=VERSION,
    description="The part of a service that is below the waterline",
    long_description=LONG_DESCRIPTION,
    long_description_content_type="text/markdown",
    url="https://keel.example.com",
    packages=find_packages(exclude=["tests", "tests.*"]),
    python_requires=">=3.8",
    install_requires=INSTALL_REQUIRES,
    extras_require=EXTRAS_REQUIRE,
    entry_points={"console_scripts": ["keel = keel.cli:main"]},
)
