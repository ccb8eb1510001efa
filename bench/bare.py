"""The bare loop a worker is compared with: threads that post ready bodies with `requests` and do nothing else.

Run as `python -m bench.bare URL COUNT THREADS`, by `bench.drain`.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import requests

from bench.rows import the_body

ACCOUNTS = 1_000


def post_all(url: str, numbers: range) -> None:
    with requests.Session() as session:
        session.trust_env = False
        for number in numbers:
            address = f"{url}/events/id/{number:032x}/{number % ACCOUNTS + 1}"
            answer = session.post(
                address, data=the_body(number).encode(), headers={"Content-Type": "application/json"}, timeout=15
            )
            assert answer.json() == {"result": True}


if __name__ == "__main__":
    url, count, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda thread: post_all(url, range(thread, count, threads)), range(threads)))
