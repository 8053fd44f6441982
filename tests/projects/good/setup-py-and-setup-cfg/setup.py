from setuptools import setup

setup(name="both", install_requires=["requests>=2.28", "numpy>=1.22"])
