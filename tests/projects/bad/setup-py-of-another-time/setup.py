from setuptools import setup

import versions

setup(
    name="capstan",
    version="1.0",
    install_requires=versions.requirements(),
    extras_require={"mail": ["jinja2==3.0.0", "markdown=3.5"]},
    dependency_links=["https://files.example.com/legacy-1.0.tar.gz#egg=legacy-1.0"],
)
