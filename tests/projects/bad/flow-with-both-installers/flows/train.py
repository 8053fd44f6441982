"""Trains the model on what the feature store has."""

from metaflow import FlowSpec, Parameter, conda_base, kubernetes, pypi, step

TOOLS = {
    "requests": "2.32.3",
    "tqdm": "",
}


@conda_base(libraries={"numpy": "1.26.4", "pandas": ">=2"}, python="3.11")
class TrainFlow(FlowSpec):
    rounds = Parameter("rounds", default=10)

    @pypi(packages={**TOOLS, "store": "@git+https://git.example.com/ml/store.git@main"})
    @step
    def start(self):
        self.next(self.train)

    @kubernetes(cpu=4)
    @step
    def train(self):
        self.next(self.end)

    @pypi(packages={**TOOLS, "boto3": "==1.35.0"})
    @step
    def end(self):
        pass


if __name__ == "__main__":
    TrainFlow()
