from setuptools import setup

setup(
    name="pre_commit_placeholder_package",
    version="0.0.0",
    py_modules=[],
    install_requires=["clang-format==19.1.4"],
    classifiers=["Private :: Do Not Upload"],
)
