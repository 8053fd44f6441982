from pathlib import Path

from setuptools import find_packages, setup

setup(
    name="predictor",
    version="1.0.0",
    packages=find_packages(),
    install_requires=Path("requirements.txt").read_text().splitlines(),
)
