from setuptools import setup

setup(
    name="agree",
    version="1",
    install_requires=["torch>=2", "matplotlib>=3.5", "attrs>=21.3", "python-dateutil>=2.8"],
)
