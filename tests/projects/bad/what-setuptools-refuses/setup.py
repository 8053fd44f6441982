from setuptools import setup

setup(
    name="a",
    version="1",
    install_requires={"flask>=2", "requests>=2"},
    extras_require={"x": "idna >= 3\nsix", "y": ["foo>=1; python_version"]},
    tests_require=["pytest=8"],
)
