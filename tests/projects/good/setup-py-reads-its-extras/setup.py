from setuptools import setup


def read(name):
    with open(name) as file:
        return [line.strip() for line in file if line.strip()]


setup(
    name="shanty",
    version="1.0",
    py_modules=["shanty"],
    install_requires=read("requirements.txt"),
    extras_require={"dev": read("requirements-dev.txt")},
)
