"""Reads what Metaflow runs left behind; it is no flow itself."""

from metaflow import Flow, namespace

namespace(None)


def pypi(packages):
    """The newest run with these packages."""
    return [run for run in Flow("TrainFlow") if run.tags >= set(packages)]


@lambda function: function
def main():
    print(pypi(packages={"requests": ""}))
