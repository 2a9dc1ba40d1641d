"""What every test gets: the shared fixtures, by subject."""

pytest_plugins = [
    "tests.fixtures.browser",
    "tests.fixtures.browsing",
    "tests.fixtures.clamd",
    "tests.fixtures.elasticsearch",
    "tests.fixtures.home",
    "tests.fixtures.finished",  # after what it uses
    "tests.fixtures.isolation",
    "tests.fixtures.judges",
    "tests.fixtures.pki",
    "tests.fixtures.postgres",
    "tests.fixtures.seaweed",
    "tests.fixtures.minio",
    "tests.fixtures.versitygw",
]
