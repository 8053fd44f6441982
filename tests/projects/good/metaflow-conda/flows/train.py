from metaflow import FlowSpec, Parameter, batch, conda, conda_base, step


@conda_base(libraries={"numpy": "1.26.4", "pandas": "2.2.3"}, python="3.11.9")
class TrainFlow(FlowSpec):
    """Trains on what the warehouse has of the day."""

    day = Parameter("day")

    @step
    def start(self):
        self.next(self.train)

    @batch(gpu=1)
    @conda(libraries={"pytorch::pytorch": "2.4.1", "pandas": "2.1.4"})
    @step
    def train(self):
        self.next(self.end)

    @conda(disabled=True)
    @step
    def end(self):
        pass


if __name__ == "__main__":
    TrainFlow()
