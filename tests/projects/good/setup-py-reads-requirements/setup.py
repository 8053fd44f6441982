from pathlib import Path

from setuptools import find_packages, setup

requirements = [
    line.strip()
    for line in Path("requirements.txt").read_text().splitlines()
    if line.strip() and not line.startswith("#")
]

setup(
    name="predictor",
    version="1.0.0",
    packages=find_packages(),
    package_data={"predictor": ["VERSION", "config.yml"]},
    install_requires=requirements,
)
