"""Keys: made, kept in files only their owner can read, and used. The only file that touches them.

    keys/root.key         wraps the data keys of pseudonymous rows and statistics
    keys/identities.key   wraps the data keys of identities; it may lie with another custodian, on another medium
    keys/pseudonyms.key   what pseudonyms are computed with; kept apart, since person ids outlast the keys of data
    keys/log.key          signs the checkpoints of the run log (Ed25519)
    keys/database-*.json  data keys of what the database holds, one for each class, wrapped like those of runs

How a key lies in its file, and that another folder may hold it, is for `governance.wrapping`. While a wrapping key is
rotated, the next one stands beside it (`root.key.new`), and what either of them wrapped is read.

Every run has a data key for each class of data, made at random, and kept in the run's folder only wrapped: AES-256-GCM
under the class's wrapping key, with the run and the class as associated data, so that a wrapped key cannot be moved to
another run. Destroying that file makes the class unreadable. Each artefact is encrypted under its own key, derived
from the data key and the artefact's name (HKDF-SHA-256), so no key ever encrypts two files.
"""

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import pyarrow.parquet.encryption as parquet
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from governance import wrapping
from governance.flushing import write_secret as write_secret
from governance.note import ED25519, VerifierKey
from governance.wrapping import KEY_BYTES, NEXT, NONCE_BYTES, Keeper
from vocabulary.errors import IntegrityError, WorkspaceError

KEYS_FOLDER = "keys"
"""Where a run's folder has its wrapped keys."""

DATABASE = "database"
"""What the data keys of the database are bound to, in place of a run."""

NAMES = ("root", "identities", "pseudonyms", "log")
"""Of the keys."""


class DataClass(StrEnum):
    """What an artefact tells, and so whose key opens it."""

    EXTRACTS = "extracts"  # what was delivered, row by row: names, addresses, birth dates, measurements
    IDENTITIES = "identities"  # the sources' own numbers beside person ids
    PSEUDONYMOUS = "pseudonymous"  # rows of one child under a person id, its birth date and sex among them
    STATISTICS = "statistics"  # numbers about many children


WRAPPED_BY = {
    DataClass.EXTRACTS: "identities.key",
    DataClass.IDENTITIES: "identities.key",
    DataClass.PSEUDONYMOUS: "root.key",
    DataClass.STATISTICS: "root.key",
}


@dataclass(frozen=True)
class Custody:
    """The keys of a workspace: in one folder, unless the settings have another for one of them."""

    folder: Path
    keepers: Mapping[str, Keeper] = field(default_factory=dict)

    def keeper(self, name: str) -> Keeper:
        """How the settings have a key kept."""
        return self.keepers.get(name, Keeper())

    def file(self, name: str) -> Path:
        """Where the key `name` lies."""
        elsewhere = self.keeper(name).folder
        return (self.folder if elsewhere is None else self.folder.parent / elsewhere) / f"{name}.key"

    def prepare(self) -> dict[Path, bytes]:
        """Contents of the files that are not there yet; passphrases and programs are asked, and nothing is written."""
        return {
            self.file(name): wrapping.wrapped(name, secrets.token_bytes(KEY_BYTES), self.keeper(name))
            for name in NAMES
            if not self.file(name).exists()
        }

    def create(self, prepared: Mapping[Path, bytes] | None = None) -> None:
        """Make the folders and every key that is not there yet."""
        contents = self.prepare() if prepared is None else prepared
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path, content in contents.items():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_secret(path, content)
        for data_class in DataClass:
            if not self.database_file(data_class).exists():
                self._wrap_new(self.database_file(data_class), DATABASE, data_class)

    def database_file(self, data_class: DataClass) -> Path:
        """Where the data key lies of what the database holds of a class."""
        return self.folder / f"{DATABASE}-{data_class}.json"

    def opened(self, name: str) -> bytes:
        """The key `name`. Errors as of `wrapping.unwrapped`."""
        return wrapping.unwrapped(name, self.file(name), self.keeper(name))

    def following(self, name: str) -> Path:
        """Where the key lies that is to follow `name`, while that is rotated."""
        return self.file(name).with_name(f"{name}.key{NEXT}")

    def in_use(self, name: str) -> Iterator[bytes]:
        """The key `name`, and after it the one that is to follow it, if there is one."""
        yield self.opened(name)
        if self.following(name).exists():
            yield wrapping.unwrapped(name, self.following(name), self.keeper(name))

    def new_run_keys(self, run_id: str, folder: Path) -> "RunKeys":
        """Make the data keys of a run and leave them wrapped in `folder`."""
        folder.mkdir(mode=0o700)
        for data_class in DataClass:
            self._wrap_new(folder / f"{data_class}.json", run_id, data_class)
        return RunKeys(self, run_id, folder)

    def _wrap_new(self, path: Path, owner: str, data_class: DataClass) -> None:
        key = self.opened(wrapping_key(data_class))
        write_secret(path, wrap(key, secrets.token_bytes(KEY_BYTES), owner, data_class))

    def secret(self, purpose: str) -> bytes:
        """32 bytes to compute pseudonyms with, the same in this workspace whenever asked for this purpose."""
        derivation = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode())
        return derivation.derive(self.opened("pseudonyms"))

    def seal(self, name: str, data: bytes, data_class: DataClass = DataClass.IDENTITIES) -> str:
        """`data` of a class, to be kept in the database: encrypted (AES-256-GCM) and bound to `name`.

        The nonce is random, so the SHA-256 of the result commits to `data` and tells nothing of it.
        """
        nonce = secrets.token_bytes(NONCE_BYTES)
        key = self._database_key(data_class)
        return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, data, name.encode())).decode()

    def unseal(self, name: str, sealed: str, data_class: DataClass = DataClass.IDENTITIES) -> bytes:
        """The data that `seal` was given under this name.

        Raises
        ------
        IntegrityError
            It is not what was sealed under this name.
        WorkspaceError
            The key of the class is not there.
        """
        try:
            blob = base64.b64decode(sealed, validate=True)
            return AESGCM(self._database_key(data_class)).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], name.encode())
        except (ValueError, InvalidTag):
            raise IntegrityError("custody.sealed_replaced", name=name) from None

    def _database_key(self, data_class: DataClass) -> bytes:
        """Key of what the database holds of a class; no rotation changes it, as the log commits to what it sealed."""
        return unwrap(self, self.database_file(data_class), DATABASE, data_class)

    def sign(self, name: str, message: bytes) -> bytes:
        """Key hash and Ed25519 signature of `message`, as a C2SP signed note carries them."""
        return self.sign_as(signing_key(self.opened("log"), name), message)

    def sign_as(self, key: VerifierKey, message: bytes) -> bytes:
        """As `sign`, by the log key of which this is the public part; while that is replaced there are two.

        Raises
        ------
        IntegrityError
            The key of the log is not the one that its entries tell.
        """
        for _ in range(2):  # a rotation may have ended after the first file was read, and before the second was
            for secret in self.in_use("log"):
                if signing_key(secret, key.name) == key:
                    return key.key_id + Ed25519PrivateKey.from_private_bytes(secret).sign(message)
        raise IntegrityError("runlog.log_key_replaced")

    def verifier_key(self, name: str) -> str:
        """Public key of the log in the C2SP form `name+hash+key`, to be handed to whoever checks the log."""
        return str(signing_key(self.opened("log"), name))


@dataclass(frozen=True)
class RunKeys:
    """The keys of one run, wrapped in `folder`. Their bytes do not leave this class."""

    custody: Custody
    run_id: str
    folder: Path

    def parquet_encryption(self, data_class: DataClass, name: str) -> object:
        """Properties with which pyarrow encrypts the artefact `name` (every page and the footer, AES-256-GCM)."""
        return parquet.create_encryption_properties(
            self._file_key(data_class, name), aad_prefix=self._bound_to(name), store_aad_prefix=False
        )

    def parquet_decryption(self, data_class: DataClass, name: str) -> object:
        """Properties with which pyarrow decrypts it."""
        return parquet.create_decryption_properties(self._file_key(data_class, name), aad_prefix=self._bound_to(name))

    def encrypt(self, data_class: DataClass, name: str, data: bytes) -> bytes:
        """A document, encrypted whole: nonce and ciphertext with its tag (AES-256-GCM)."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = AESGCM(self._file_key(data_class, name))
        return nonce + cipher.encrypt(nonce, data, self._bound_to(name))

    def decrypt(self, data_class: DataClass, name: str, data: bytes) -> bytes:
        """The document that `encrypt` gave.

        Raises
        ------
        IntegrityError
            It is not what was written under this name in this run.
        """
        cipher = AESGCM(self._file_key(data_class, name))
        try:
            return cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], self._bound_to(name))
        except InvalidTag:
            raise IntegrityError("custody.not_authentic", run=self.run_id, name=name) from None

    def check(self, data_class: DataClass) -> None:
        """Unwrap the data key of a class, for the errors of it.

        Raises
        ------
        WorkspaceError
            The wrapped key was destroyed, or the wrapping key is missing or open to others.
        IntegrityError
            The wrapped key is not the one made for this run and class.
        """
        self._data_key(data_class)

    def _bound_to(self, name: str) -> bytes:
        return f"{self.run_id}/{name}".encode()

    def _file_key(self, data_class: DataClass, name: str) -> bytes:
        derivation = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=self._bound_to(name))
        return derivation.derive(self._data_key(data_class))

    def _data_key(self, data_class: DataClass) -> bytes:
        return unwrap(self.custody, self.folder / f"{data_class}.json", self.run_id, data_class)


def signing_key(secret: bytes, name: str) -> VerifierKey:
    """Public part of a key that signs, under the name of its log."""
    return VerifierKey(name, ED25519, Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw())


def wrapping_key(data_class: DataClass) -> str:
    """Name of the key that wraps the data keys of a class."""
    return WRAPPED_BY[data_class].removesuffix(".key")


def wrap(key: bytes, data_key: bytes, owner: str, data_class: DataClass) -> bytes:
    """A data key under a wrapping key, bound to its owner (a run, or the database) and class."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    blob = nonce + AESGCM(key).encrypt(nonce, data_key, _binding(owner, data_class))
    document = {"wrapped_by": WRAPPED_BY[data_class], "key": base64.b64encode(blob).decode()}
    return json.dumps(document).encode() + b"\n"


def unwrap(custody: Custody, path: Path, owner: str, data_class: DataClass) -> bytes:
    """The data key in a file, by the wrapping key or the one that is to follow it.

    Raises
    ------
    WorkspaceError
        The file was destroyed, or a wrapping key cannot be had.
    IntegrityError
        The file does not hold the key made for this owner and class.
    """
    for _ in range(2):  # a rotation may have ended after the file was read, and before the wrapping key was
        blob = _blob(path, owner, data_class)
        for key in custody.in_use(wrapping_key(data_class)):
            found = opened_with(key, blob, owner, data_class)
            if found is not None:
                return found
    raise IntegrityError("custody.key_replaced", run=owner, data_class=data_class.value)


def opened_with(key: bytes, blob: bytes, owner: str, data_class: DataClass) -> bytes | None:
    """The data key in nonce and ciphertext, if it is this wrapping key that opens them."""
    try:
        nonce = blob[:NONCE_BYTES].ljust(NONCE_BYTES, b"\0")
        return AESGCM(key).decrypt(nonce, blob[NONCE_BYTES:], _binding(owner, data_class))
    except InvalidTag:
        return None


def _binding(owner: str, data_class: DataClass) -> bytes:
    return f"{owner}/{data_class}".encode()


def _blob(path: Path, owner: str, data_class: DataClass) -> bytes:
    try:
        return base64.b64decode(json.loads(path.read_bytes())["key"], validate=True)
    except FileNotFoundError:
        raise WorkspaceError("custody.key_destroyed", run=owner, data_class=data_class.value) from None
    except (ValueError, KeyError, TypeError):
        return b""
