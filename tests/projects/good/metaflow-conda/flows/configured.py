from metaflow import Config, FlowSpec, config_expr, pypi, pypi_base, step


@pypi_base(packages=config_expr("deps.packages"), python=config_expr("deps.python"))
class ReportFlow(FlowSpec):
    deps = Config("deps", default="deps.json")

    @pypi(packages={"matplotlib": "3.9.2"})
    @step
    def start(self):
        self.next(self.end)

    @pypi(disabled=True)
    @step
    def end(self):
        pass


if __name__ == "__main__":
    ReportFlow()
