"""How quickly the list and a child's page are answered to a team at work, every view written into the log.

    python -m benchmarks.pages [--children 25000] [--listed 5000] [--users 20] [--seconds 60] [--workspace DIR]

A city is made and run, accounts are added, `mimamori serve` is started, and each user asks it over HTTP with a session
of its own: half of them support workers who see the whole list and open their cases, half schools who see their own.
First with 1 to 3 seconds between an answer and the next request, then without a pause, which no team does. Prints the
table and writes it to `benchmarks/results/pages.md`. With `--workspace`, one that holds a run already is used, and
gets the accounts.
"""

import argparse
import asyncio
import os
import random
import socket
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import quantiles
from time import perf_counter, sleep

import httpx
import polars as pl

from benchmarks.linkage import RESULTS, machine
from benchmarks.runs import APPROVAL
from governance import accounts, sessions
from governance.account_state import Role
from governance.runs import last_published, read_artefact
from governance.sessions import Stage
from governance.workspace import Workspace

PASSWORD = "kumo-himawari-7-tsukue"  # noqa: S105 - of accounts that live as long as the benchmark
CASES = 20
THINKING = (1.0, 3.0)
HEADER = (
    "| how | asked for | answers | p50 ms | p95 ms | p99 ms | greatest KB | server's CPU ms an answer |\n"
    + "|---" * 8
    + "|"
)


@dataclass
class User:
    """Somebody with a session, and the children whose pages they may open."""

    name: str
    token: str
    children: list[str]


@dataclass
class Answers:
    """Seconds and bytes of every answer, by what was asked for."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def note(self, what: str, seconds: float, size: int) -> None:
        """Keep one."""
        self.seconds.setdefault(what, []).append(seconds)
        self.sizes[what] = max(self.sizes.get(what, 0), size)

    def row(self, how: str, what: str, processor: str) -> str:
        """A line of the table."""
        found = self.seconds[what]
        cuts = quantiles(found, n=100, method="inclusive")
        told = [f"{1000 * cuts[at - 1]:.0f}" for at in (50, 95, 99)]
        return f"| {how} | {what} | {len(found):,} | {' | '.join(told)} | {self.sizes[what] / 1000:.0f} | {processor} |"


def main() -> None:
    """Run the benchmark."""
    options = _options()
    facts = machine()
    with tempfile.TemporaryDirectory() as folder:
        where = options.workspace or _city(Path(folder), options.children, options.listed)
        workspace = Workspace.open(where)
        users = _users(workspace, options.users)
        with _serving([_mimamori(), "serve", "--workspace", where, "--port"]) as (address, process):
            begun = perf_counter()
            asyncio.run(_take_cases(address, users))
            loaded = perf_counter() - begun
            rows = [
                *_measured("1–3 s of thought", address, process, users, options.seconds, THINKING),
                *_measured("without a pause", address, process, users, options.seconds // 3, (0.0, 0.0)),
            ]
            memory = _resident(process)
        with _serving([sys.executable, "-m", "benchmarks.bare", where]) as (address, process):
            rows += _peers(address, process, options.users, options.seconds // 6)
    said = ", ".join(f"{name} {value}" for name, value in facts.items())
    report = "\n".join(
        [
            "# Pages",
            "",
            f"`python -m benchmarks.pages {' '.join(sys.argv[1:])}`".replace(" `", "`") + f" · {said}.",
            "",
            f"{options.children:,} children, {options.listed:,} listed in each year, {options.users} users at once.",
            f"The first request, which loads the run, and the opening of {CASES} cases each by half of the users "
            f"took {loaded:.1f} s. The server's memory after all of it: {memory:,.0f} MB.",
            "",
            HEADER,
            *rows,
            "",
        ]
    )
    print(report)
    (RESULTS / "pages.md").write_text(report, encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--children", type=int, default=25_000)
    parser.add_argument("--listed", type=int, default=5_000)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--workspace", type=Path)
    return parser.parse_args()


def _mimamori() -> Path:
    return Path(sys.executable).with_name("mimamori")


def _run(*words: object) -> None:
    subprocess.run([str(word) for word in (_mimamori(), *words)], check=True, capture_output=True)


def _city(folder: Path, children: int, listed: int) -> Path:
    """A workspace with one run of a synthetic city."""
    workspace, approval, today = folder / "workspace", folder / "approval.toml", date.today()
    approval.write_text(APPROVAL.format(first=today - timedelta(days=1), last=today + timedelta(days=30)))
    _run("synth", folder / "city", "--children", children, "--seed", 7, "--years", "2008-2025")
    _run("init", "--workspace", workspace)
    _run("approvals", "add", approval, "--workspace", workspace)
    delivery = folder / "city" / "delivery"
    _run("run", "--approval", "benchmark", "--delivery", delivery, "--capacity", listed, "--workspace", workspace)
    return workspace


def _users(workspace: Workspace, count: int) -> list[User]:
    """Half of them support workers, without a case yet, half of them schools with the children listed of each."""
    run = last_published(workspace)
    if run is None:
        raise SystemExit("the workspace has no run")
    flags = read_artefact(workspace, run.run_id, "flags", ["person_id", "year", "rank"])
    listed = flags.filter(pl.col("year") == pl.col("year").max()).sort("rank")["person_id"].to_list()
    codes = read_artefact(workspace, run.run_id, "timeline").filter(pl.col("item") == "school_code")
    codes = codes.filter(pl.col("date") == pl.col("date").max(), pl.col("person_id").is_in(listed))
    of_school = {str(school): part["person_id"].to_list() for (school,), part in codes.group_by("value")}
    schools = sorted(of_school, key=lambda school: -len(of_school[school]))[: count // 2]
    _account(workspace, "administrator", Role.ADMINISTRATOR)
    workers = [
        User(name, _account(workspace, name, Role.SUPPORT_WORKER), listed[at * CASES : (at + 1) * CASES])
        for at in range(count - len(schools))
        for name in [f"worker{at}"]
    ]
    return workers + [
        User(f"school{at}", _account(workspace, f"school{at}", Role.SCHOOL, [school]), of_school[school])
        for at, school in enumerate(schools)
    ]


def _account(workspace: Workspace, name: str, role: Role, schools: Sequence[str] = ()) -> str:
    """Make an account and sign it in; the token of its session."""
    maker = "os:benchmark" if role is Role.ADMINISTRATOR else "administrator"
    invited = accounts.add(workspace, name, role, actor=maker, schools=schools)
    accounts.set_password(workspace, name, str(invited.token), PASSWORD)
    with workspace.writing() as connection:
        return sessions.begin(workspace, connection, name, Stage.WHOLE, address="127.0.0.1", browser="benchmark")


@contextmanager
def _serving(command: Sequence[object]) -> Iterator[tuple[str, int]]:
    """Start a server with its port as last argument; its address and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([*map(str, command), str(port)], stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            sleep(0.1)
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        server.terminate()
        server.wait(30)


async def _take_cases(address: str, users: Sequence[User]) -> None:
    """Let workers take the children they are to look after, as from the list."""
    for user in users:
        if user.name.startswith("worker"):
            async with _client(address, user) as client:
                form = {"year": "2025", "person_id": user.children}
                answer = await client.post("/cases", data=form, timeout=120)
                if answer.status_code != 303:
                    raise SystemExit(f"taking cases was answered by {answer.status_code}")


def _client(address: str, user: User) -> httpx.AsyncClient:
    headers = {"Origin": address, "Sec-Fetch-Site": "same-origin"}  # as browsers send them
    return httpx.AsyncClient(base_url=address, cookies={"session": user.token}, headers=headers, timeout=60)


def _measured(
    how: str, address: str, process: int, users: Sequence[User], seconds: int, pause: tuple[float, float]
) -> list[str]:
    """Lines of the table for users who ask with such pauses."""

    def work(answers: Answers) -> list[Awaitable[None]]:
        return [_at_work(address, user, answers, perf_counter() + seconds, pause) for user in users]

    return _lines(how, process, work)


def _lines(how: str, process: int, work: Callable[[Answers], list[Awaitable[None]]]) -> list[str]:
    answers, spent = Answers(), _processor(process)

    async def together() -> None:
        await asyncio.gather(*work(answers))

    asyncio.run(together())
    count = sum(len(found) for found in answers.seconds.values())
    each = f"{1000 * (_processor(process) - spent) / count:.0f}"
    return [answers.row(how, what, each) for what in sorted(answers.seconds)]


async def _at_work(address: str, user: User, answers: Answers, until: float, pause: tuple[float, float]) -> None:
    """Look at the list, then at a child, and so on."""
    choose = random.Random(user.name)  # noqa: S311 - which page is asked for is no secret
    async with _client(address, user) as client:
        await asyncio.sleep(choose.uniform(0, pause[1]))
        while perf_counter() < until:
            for what, path in (("list", _list_address(choose)), ("child", f"/children/{choose.choice(user.children)}")):
                await _ask(client, what, path, answers)
                await asyncio.sleep(choose.uniform(*pause))


def _list_address(choose: random.Random) -> str:
    filters = [
        "",
        "?page=2",
        "?page=3",
        "?kind=learning",
        "?judgement=3",
        "?grade=5",
        "?hands=nobody",
        "?sort=judgement",
    ]
    return f"/flags{choose.choice(filters)}"


async def _ask(client: httpx.AsyncClient, what: str, path: str, answers: Answers) -> None:
    begun = perf_counter()
    answer = await client.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path} was answered by {answer.status_code}")
    answers.note(what, perf_counter() - begun, len(answer.content))


def _peers(address: str, process: int, users: int, seconds: int) -> list[str]:
    rows = []
    for what, path in (
        ("50 rows as JSON from memory, no account, no log", "/memory"),
        ("the same, read each time", "/read"),
    ):

        async def ask_on(answers: Answers, until: float, what: str = what, path: str = path) -> None:
            async with httpx.AsyncClient(base_url=address, timeout=300) as client:
                while perf_counter() < until:
                    await _ask(client, what, path, answers)

        def work(answers: Answers) -> list[Awaitable[None]]:
            return [ask_on(answers, perf_counter() + seconds) for _ in range(users)]

        rows += _lines("peer, without a pause", process, work)
    return rows


def _processor(process: int) -> float:
    """Seconds of processor time of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(process: int) -> float:
    """Memory of a process, in MB."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
