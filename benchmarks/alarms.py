"""Thousands of simulated days of alarms and timers, with kills, reboots and wrong clocks: is any lost, doubled or late?

python -m benchmarks.alarms [--days 1000] [--seeds 20]
"""

import argparse

from tests.store.days import Days


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=20)
    chosen = parser.parse_args()
    print("seed  rung  told  kills  latest s  problems")
    for seed in range(chosen.seeds):
        days = Days(seed)
        days.live(chosen.days)
        print(f"{seed:4}  {days.rung:4}  {days.told:4}  {days.kills:5}  {days.latest:8.2f}  {len(days.problems)}")
        for problem in days.problems[:5]:
            print(f"      {problem}")


if __name__ == "__main__":
    main()
