from setuptools import find_packages, setup

setup(
    name="pump",
    version="0.2",
    packages=find_packages(),
    install_requires=[
        "flask>=2.0",
        "requests>=2.28"
        "sqlalchemy>=1.4",
        "celery>=5",
    ],
)
