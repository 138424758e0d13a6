"""Keys: made, kept in files only their owner can read, and used. The only file that touches them.

    keys/root.key         wraps the data keys of pseudonymous rows and statistics
    keys/identities.key   wraps the data keys of identities; it may lie with another custodian, on another medium
    keys/pseudonyms.key   what pseudonyms are computed with; kept apart, since person ids outlast the keys of data
    keys/log.key          signs the checkpoints of the run log (Ed25519)

Every run has a data key for each class of data, made at random, and kept in the run's folder only wrapped: AES-256-GCM
under the class's wrapping key, with the run and the class as associated data, so that a wrapped key cannot be moved to
another run. Destroying that file makes the class unreadable. Each artefact is encrypted under its own key, derived
from the data key and the artefact's name (HKDF-SHA-256), so no key ever encrypts two files.
"""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pyarrow.parquet.encryption as parquet
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from governance.note import ED25519, VerifierKey, key_id
from vocabulary.errors import IntegrityError, WorkspaceError

KEYS_FOLDER = "keys"
"""Where a run's folder has its wrapped keys."""

KEY_BYTES = 32
NONCE_BYTES = 12


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
    """The keys of a workspace, in one folder."""

    folder: Path

    def create(self) -> None:
        """Make the folder and every key that is not there yet."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("root.key", "identities.key", "pseudonyms.key", "log.key"):
            if not (self.folder / name).exists():
                _write_secret(self.folder / name, secrets.token_bytes(KEY_BYTES))

    def new_run_keys(self, run_id: str, folder: Path) -> "RunKeys":
        """Make the data keys of a run and leave them wrapped in `folder`."""
        folder.mkdir(mode=0o700)
        for data_class, wrapping in WRAPPED_BY.items():
            nonce = secrets.token_bytes(NONCE_BYTES)
            wrapped = AESGCM(_read_secret(self.folder / wrapping)).encrypt(
                nonce, secrets.token_bytes(KEY_BYTES), f"{run_id}/{data_class}".encode()
            )
            document = {"wrapped_by": wrapping, "key": base64.b64encode(nonce + wrapped).decode()}
            (folder / f"{data_class}.json").write_text(json.dumps(document) + "\n", encoding="ascii")
        return RunKeys(self, run_id, folder)

    def secret(self, purpose: str) -> bytes:
        """32 bytes to compute pseudonyms with, the same in this workspace whenever asked for this purpose."""
        derivation = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode())
        return derivation.derive(_read_secret(self.folder / "pseudonyms.key"))

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
        """Key of what the database holds of a class; the wrapping keys themselves encrypt nothing but run keys."""
        info = b"database" if data_class is DataClass.IDENTITIES else f"database/{data_class}".encode()
        derivation = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info)
        return derivation.derive(_read_secret(self.folder / WRAPPED_BY[data_class]))

    def sign(self, name: str, message: bytes) -> bytes:
        """Key hash and Ed25519 signature of `message`, as a C2SP signed note carries them."""
        key = self._log_key()
        return key_id(name, ED25519, key.public_key().public_bytes_raw()) + key.sign(message)

    def verifier_key(self, name: str) -> str:
        """Public key of the log in the C2SP form `name+hash+key`, to be handed to whoever checks the log."""
        return str(VerifierKey(name, ED25519, self._log_key().public_key().public_bytes_raw()))

    def _log_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(_read_secret(self.folder / "log.key"))


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
        try:
            document = json.loads((self.folder / f"{data_class}.json").read_bytes())
            blob = base64.b64decode(document["key"], validate=True)
        except FileNotFoundError:
            raise WorkspaceError("custody.key_destroyed", run=self.run_id, data_class=data_class.value) from None
        except (ValueError, KeyError, TypeError):
            blob = b""
        wrapping = _read_secret(self.custody.folder / WRAPPED_BY[data_class])
        try:
            return AESGCM(wrapping).decrypt(
                blob[:NONCE_BYTES].ljust(NONCE_BYTES, b"\0"),
                blob[NONCE_BYTES:],
                f"{self.run_id}/{data_class}".encode(),
            )
        except InvalidTag:
            raise IntegrityError("custody.key_replaced", run=self.run_id, data_class=data_class.value) from None


def _write_secret(path: Path, secret: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(secret) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _read_secret(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise WorkspaceError("custody.key_open_to_others", file=path.name)
        secret = base64.b64decode(path.read_bytes())
    except FileNotFoundError:
        raise WorkspaceError("custody.key_missing", file=path.name) from None
    except (ValueError, PermissionError):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise WorkspaceError("custody.key_unreadable", file=path.name)
    return secret
