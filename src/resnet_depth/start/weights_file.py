"""A file of trained weights: brought from outside, verified, and only then opened."""

import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from resnet_depth.base.errors import UserError
from resnet_depth.data.fetching.fetch import FetchError, digest_like, fetch
from resnet_depth.data.fetching.settings import Limits
from resnet_depth.data.fetching.sources import is_address, source_path, source_variable

# The digest of a file that isn't known yet.
UNKNOWN = "sha256:"


@dataclass(frozen=True)
class WeightsFile:
    """Where a network's weights are, and how it saw images.

    `key` is the recipe's name for them. `digest` is `sha256:` and the first of the file's 64
    hexadecimal digits, as many as are known, all of which are checked; none of a file that isn't
    known yet. Mean and std of the channels are fractions of 255.
    """

    key: str
    title: str
    digest: str
    channel_mean: tuple[float, ...]
    channel_std: tuple[float, ...]
    addresses: tuple[str, ...]


def bring(file: WeightsFile, source: str | None, partial: Path, out: Path, limits: Limits) -> str:
    """Write the file to `out`, once it has the digest, and return its whole digest.

    Args:
        file: What is wanted.
        source: A file or an http(s) address in place of the file's own addresses, or None.
        partial: File that collects a download, so that a later call resumes it.
        out: Where it is to be.
        limits: When a host is left for the next one.

    Raises:
        UserError: If it can't be had, is another file, or isn't known yet.
    """
    if source is None or is_address(source):
        arrived, digest = partial, _download(file, source, partial, limits)
    else:
        # What is verified is the copy that is opened.
        arrived, digest = out, _copy(file, source, out)
    if file.digest == UNKNOWN:
        raise UserError(
            f"params.yaml: weights.{file.key}.digests has null; if this is {file.title}, write "
            f"'{digest}' there and repeat"
        )
    shutil.move(arrived, out)
    return digest


def _copy(file: WeightsFile, source: str, out: Path) -> str:
    """Copy a file on disk, and return its digest once that is the right one."""
    allowed = "allowed: a file of weights (.pth or .safetensors), or its http or https address"
    place = source_path(file.key, source, allowed)
    digest = digest_like(file.digest, shutil.copyfile(place, out))
    if not digest.startswith(file.digest):
        raise UserError(
            f"{file.key}: {place} has the digest {digest}, but {file.title} has {file.digest}; "
            "get the right file"
        )
    return digest


def _download(file: WeightsFile, source: str | None, partial: Path, limits: Limits) -> str:
    """Fetch the file into `partial`, and return its digest, which is the right one."""
    addresses = file.addresses if source is None else (source,)
    variable = source_variable(file.key)
    if not addresses:
        raise UserError(
            f"{file.key}: no place to get {file.title} from; set {variable} to a file or address, "
            f"or write addresses under weights.{file.key}.hosts"
        )
    try:
        return fetch(file.title, addresses, file.digest, partial, limits)
    except FetchError as error:
        raise UserError(
            f"{file.title} couldn't be downloaded. Tried:\n{error.tried}\nTwo ways on: repeat the "
            f"command, which resumes what has arrived; or name another place by {variable}=<file "
            "or URL>."
        ) from None


def read_tensors(path: Path, title: str) -> dict[str, Tensor]:
    """Return the tensors of a file of weights, by name, on the CPU.

    It is a file of safetensors, or one of `torch.save` that holds a state dict: of a pickle nothing
    but tensors and containers is taken, and nothing in it is called.

    Raises:
        UserError: If it is neither, is damaged, or holds a number that isn't finite.
    """
    try:
        if zipfile.is_zipfile(path):
            tensors = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        else:
            tensors = load_file(path)
    except (SafetensorError, UnpicklingError, RuntimeError, OSError, ValueError, EOFError) as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(f"{title}: no readable weights: {reason}; get the right file") from None
    if not isinstance(tensors, dict) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in tensors.items()
    ):
        raise UserError(f"{title}: holds no state dict (tensors by name); save one and repeat")
    for name, value in tensors.items():
        if not value.isfinite().all():
            raise UserError(f"{title}: {name} has numbers that aren't finite; get other weights")
    return tensors
