from setuptools import setup

setup(name="bridge", version="0.1", packages=[], install_requires=["click>=8"])
