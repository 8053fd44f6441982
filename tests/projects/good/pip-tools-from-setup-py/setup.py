from setuptools import setup

setup(
    name="capstan-service",
    version="1.0",
    packages=["capstan_service"],
    install_requires=["flask>=3", "requests[socks]>=2.31"],
    extras_require={"dev": ["pytest"]},
    classifiers=["Private :: Do Not Upload"],
)
