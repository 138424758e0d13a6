"""A workspace: the folder in which a city's runs, register, log and keys stand.

mimamori.toml   settings; may be absent
indicators.toml the city's own indicator rules; may be absent
mimamori.db     the operational database, unless the settings name another one
keys/           see `governance.custody`
checkpoints/    signed heads of the run log, and `log.vkey`, the public key they are checked with
deliveries/     what was delivered, for runs started from a page; may be absent, or elsewhere by the settings
sources/        the city's own source specifications; may be absent
staging/        runs being made
runs/           published runs, one folder each
reports/        evaluations beside a truth; made when the first is written
demo/           the synthetic city of a demo; made by the demo
"""

import os
import pwd
import secrets
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, ValidationError
from pydantic_core import PydanticCustomError
from sqlalchemy import Connection, Engine

from governance import runlog, store
from governance.checkpoint import ORIGIN, Checkpoint, draft_checkpoint, make_good, settle_drafts
from governance.custody import Custody
from governance.log_key import read_keys
from governance.retention import Chosen
from governance.runlog import Entry, Head, Kind
from governance.serve_settings import OidcSettings, ServeSettings, SignInSettings
from governance.wrapping import Keeper
from vocabulary.errors import IntegrityError, WorkspaceError
from vocabulary.texts import text

SETTINGS_FILE = "mimamori.toml"
VERIFIER_KEY_FILE = "log.vkey"
DATABASE_FILE = "mimamori.db"
DATABASE_VARIABLE = "MIMAMORI_DATABASE"
MAY_STAND_BEFORE = {SETTINGS_FILE, "indicators.toml", "judgements.toml", "sources", "deliveries"}
"""What a folder may hold before a workspace is made in it."""

Share = Annotated[float, Field(ge=0, le=1)]


def _capacity(value: object) -> float | int:
    """A fraction is a share of the children, up to 1.0; a whole number is a number of children: 1 is one child."""
    if isinstance(value, float) and 0 < value <= 1:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise PydanticCustomError("capacity", text("workspace.capacity"))


Capacity = Annotated[float | int, PlainValidator(_capacity)]


def _rising(between: tuple[float, float]) -> tuple[float, float]:
    if between[0] >= between[1]:
        raise PydanticCustomError("between", text("workspace.between"))
    return between


KeyName = Annotated[str, Field(pattern="^(root|identities|pseudonyms|log)$")]
Between = Annotated[tuple[Share, Share], AfterValidator(_rising)]


class Deliveries(BaseModel):
    """`[deliveries]`: where deliveries lie that runs are started on from a page."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    folder: Path = Path("deliveries")  # relative to the workspace, or absolute


class AccessSettings(BaseModel):
    """When others are told of what an account looks at."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    views_per_day: Annotated[int, Field(ge=1)] = 50  # children opened by an account before others are told of it


class Settings(BaseModel):
    """`mimamori.toml`: what a city sets for itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    database: str | None = None  # URL; a password belongs into MIMAMORI_DATABASE, which goes before this
    max_set_aside: Share = 0.2  # share of a delivery's rows that may break their specification
    capacity: Capacity = 0.02  # share or number of children the team can look at in a year, as `--capacity` takes it
    min_link_confidence: Share = 0.9  # flags on weaker links wait for a review of the link
    review_between: Between = (0.02, 0.98)  # probabilities between which a joining is put before a reviewer
    second_reviewer: bool = False  # whether a verdict binds only once another account has given the same
    deliveries: Deliveries = Deliveries()
    serve: ServeSettings = ServeSettings()
    sign_in: SignInSettings = SignInSettings()
    oidc: OidcSettings | None = None  # no provider: accounts sign in by their passwords
    access: AccessSettings = AccessSettings()
    keys: dict[KeyName, Keeper] = {}  # how each is kept, if not as a file
    retention: Chosen = {}  # retention class of a kind of data, if not that of `retention.toml`


@dataclass(frozen=True)
class Workspace:
    """An open workspace. Made by `Workspace.create` and `Workspace.open`."""

    path: Path
    settings: Settings
    engine: Engine

    @classmethod
    def create(cls, path: Path, *, actor: str | None = None) -> "Workspace":
        """Make a workspace in `path`, which is absent or empty but for settings and source specifications.

        Raises
        ------
        WorkspaceError
            There is a workspace already, the folder holds other things, or the database is in use by another workspace.
        """
        path = path.resolve()
        held = {item.name for item in path.iterdir()} if path.is_dir() else set()
        if path.exists() and not path.is_dir():
            raise WorkspaceError("workspace.not_a_folder", path=path)
        if "keys" in held:
            raise WorkspaceError("workspace.exists", path=path)
        if held - MAY_STAND_BEFORE:
            raise WorkspaceError("workspace.folder_in_use", path=path)
        settings = load_settings(path)
        keys = Custody(path / "keys", settings.keys).prepare()  # before anything is there that would be half made
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)  # it may have stood before, open to others
        workspace = cls(path, settings, _engine(path, settings))
        workspace._begin(actor or current_user(), keys)
        return workspace

    def _begin(self, actor: str, keys: Mapping[Path, bytes]) -> None:
        store.create_tables(self.engine)
        with store.writing(self.engine) as connection:
            if runlog.has_begun(connection):
                raise WorkspaceError("workspace.database_in_use", path=self.path)
            self.custody.create(keys)
            self._make_folders()
            origin = f"{ORIGIN}/{secrets.token_hex(8)}"
            key = self.custody.verifier_key(origin)
            (self.path / "checkpoints" / VERIFIER_KEY_FILE).write_text(key + "\n", encoding="ascii")
            runlog.begin(connection, actor=actor, origin=origin, verifier_key=key)
            drafts = self._draft_checkpoints(connection, since=runlog.EMPTY)
        make_good(drafts)

    @classmethod
    def open(cls, path: Path) -> "Workspace":
        """Open the workspace in `path`.

        Raises
        ------
        WorkspaceError
            There is none, its settings are malformed, or its database is not there.
        """
        path = path.resolve()
        if not (path / "keys").is_dir():
            raise WorkspaceError("workspace.absent", path=path)
        settings = load_settings(path)
        engine = _engine(path, settings)
        if engine.dialect.name == "sqlite" and not Path(str(engine.url.database)).is_file():
            raise WorkspaceError("workspace.no_database", path=path)
        workspace = cls(path, settings, engine)
        workspace._make_folders()
        store.create_tables(engine)  # those added since the workspace was made
        return workspace

    def _make_folders(self) -> None:
        """Make the folders that are not there: some backups leave empty ones out."""
        for folder in ("checkpoints", "staging", "runs"):
            (self.path / folder).mkdir(mode=0o700, exist_ok=True)

    @property
    def custody(self) -> Custody:
        """The workspace's keys."""
        return Custody(self.path / "keys", self.settings.keys)

    @property
    def sources_folder(self) -> Path | None:
        """The city's own source specifications, for `vocabulary.source.load_sources`; None where it has none."""
        folder = self.path / "sources"
        return folder if folder.is_dir() else None

    def run_folder(self, run_id: str) -> Path:
        """Where a published run stands."""
        return self.path / "runs" / run_id

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that sees one state of the database throughout."""
        return store.reading(self.engine)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction under the writer lock that leaves a signed checkpoint for every entry it appends.

        The checkpoints are signed and on the disk as drafts before the commit, and made good after it; those of a
        process killed in between are settled by the next transaction. So every entry has its checkpoint, and one that
        is missing was removed.

        Raises
        ------
        IntegrityError
            The key that signs is not the one the log began with; nothing was written.
        WorkspaceError
            That key is not there; nothing was written.
        """
        folder = self.path / "checkpoints"
        with store.writing(self.engine) as connection:
            before = runlog.head(connection)
            settle_drafts(folder, before.size)
            yield connection
            drafts = self._draft_checkpoints(connection, since=before)
        make_good(drafts)

    def log(self, *, actor: str, kind: Kind, subject: str, body: Mapping[str, object]) -> Entry:
        """Append one entry in a transaction of its own."""
        with self.writing() as connection:
            return runlog.append(connection, actor=actor, kind=kind, subject=subject, body=body)

    def _draft_checkpoints(self, connection: Connection, *, since: Head) -> list[Path]:
        """Drafts of the checkpoints of the entries after `since`."""
        origin = runlog.origin(connection)
        heads = runlog.heads(connection, since=since)
        keys = read_keys(connection) if heads else None
        if heads and keys is None:
            raise IntegrityError("runlog.log_key_replaced")
        folder = self.path / "checkpoints"
        return [
            draft_checkpoint(folder, Checkpoint(origin, head.size, head.root), self.custody, keys.signing(head.size))
            for head in heads
            if keys is not None
        ]


def load_settings(path: Path) -> Settings:
    """The settings of the workspace in `path`; the database's URL from the environment where that names one.

    Raises
    ------
    WorkspaceError
        The file is not TOML, or a setting is unknown or out of its range.
    """
    file = path / SETTINGS_FILE
    try:
        settings = Settings.model_validate(tomllib.loads(file.read_text("utf-8")) if file.is_file() else {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkspaceError("workspace.settings_not_toml", file=SETTINGS_FILE, problem=error) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise WorkspaceError(
            "workspace.settings_broken", file=SETTINGS_FILE, field=where, problem=first["msg"]
        ) from None
    url = os.environ.get(DATABASE_VARIABLE)
    return settings.model_copy(update={"database": url}) if url else settings


def current_user() -> str:
    """The user of the operating system as an actor: `os:` and the name, which no account can be called.

    By the process's user id, not by the environment, which anybody can set.
    """
    try:
        return f"os:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:  # a container's user without an entry in the password file
        return f"os:{os.getuid()}"


def _engine(path: Path, settings: Settings) -> Engine:
    return store.open_engine(settings.database or store.sqlite_url(path / DATABASE_FILE))
