"""What every test gets: the shared fixtures, by subject."""

pytest_plugins = [
    "tests.fixtures.browser",
    "tests.fixtures.browsing",
    "tests.fixtures.home",
    "tests.fixtures.isolation",
    "tests.fixtures.judges",
    "tests.fixtures.pki",
    "tests.fixtures.seaweed",
]
