from metaflow import FlowSpec, pypi, step


class TrainFlow(FlowSpec):
    @pypi(packages={"scikit-learn": "1.5.2", "pandas": "2.2.3"}, python="3.11")
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TrainFlow()
