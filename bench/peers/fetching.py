"""Plain reading from a bucket: every object that standard input names, fetched whole and hashed.

Prints the seconds.

Arguments: endpoint, bucket, region. The key is in the environment (AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY).
"""

import hashlib
import os
import sys
import time

from minio import Minio


def main() -> None:
    """Fetch, as minio's documentation writes it."""
    endpoint, bucket, region = sys.argv[1:]
    access, secret = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    client = Minio(endpoint, access_key=access, secret_key=secret, region=region, secure=False)
    names = sys.stdin.read().splitlines()
    client.get_object(bucket, names[0]).read()  # connected
    started = time.perf_counter()
    for name in names:
        response = client.get_object(bucket, name)
        try:
            hashlib.sha256(response.read()).digest()
        finally:
            response.close()
            response.release_conn()
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main()
