from setuptools import setup

setup(name="charts", version="0.1", py_modules=["charts"], install_requires=["shapely>=2.0"])
