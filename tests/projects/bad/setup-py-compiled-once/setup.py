from setuptools import setup

setup(
    name="capstan-service",
    version="1.0",
    packages=["capstan_service"],
    install_requires=["flask>=2,<3", "requests[socks]>=2.31"],
    extras_require={"dev": ["pytest<7"]},
    classifiers=["Private :: Do Not Upload"],
)
