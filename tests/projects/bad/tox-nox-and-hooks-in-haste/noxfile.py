import nox


@nox.session
def tests(session):
    session.install("-r requirements.txt")
    session.install("pytest", "pytest==7.0", "pytest==8.0")
    session.install("--index-url", "http://packages.example.com/simple", "core=1.2")
    session.run("pip", "install", "git+https://{token:github}@git.example.com/acme/tool.git")


@nox.session
def docs(session):
    session.install("-r", "docs/requirements.txt", "sphinx>=8,<7")
