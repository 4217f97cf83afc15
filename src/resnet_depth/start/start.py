"""From a recipe's `weights` to a file that a training can take over as it is."""

from pathlib import Path

from safetensors.torch import save_file

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import replacing_folder
from resnet_depth.base.sections import load_section
from resnet_depth.data.fetching.settings import Limits
from resnet_depth.networks.adoption import adopt
from resnet_depth.networks.resnet import meta_network
from resnet_depth.networks.shape import NetworkShape
from resnet_depth.runs.names import START_RECORD_FILE, WEIGHTS_FILE, network_name
from resnet_depth.runs.records import write_record
from resnet_depth.start.imagenet import imagenet_weights
from resnet_depth.start.records import StartRecord
from resnet_depth.start.settings import IMAGENET, WeightsSettings
from resnet_depth.start.weights_file import UNKNOWN, WeightsFile, bring, read_tensors


def write_start(
    file: WeightsFile,
    shape: NetworkShape,
    source: str | None,
    partial: Path,
    out: Path,
    limits: Limits,
) -> None:
    """Write what trainings start from: a record, and the file's weights as safetensors.

    Args:
        file: The weights.
        shape: Of the networks to train; how many classes it says doesn't matter here.
        source: Value of the environment variable `<KEY>_SOURCE`, None if that isn't set;
            `{network}` in it stands for the network's name.
        partial: File that collects a download over HTTP, so that a later call resumes it.
        out: Folder to replace.
        limits: When a host is left for the next one.

    Raises:
        UserError: If the weights can't be had, are others, or don't fit the network. `out` is then
            as it was.
    """
    place = source.replace("{network}", network_name(shape.depth)) if source else None
    with replacing_folder(out) as folder:
        raw = folder / "raw.tmp"
        digest = bring(file, place, partial, raw, limits)
        tensors = read_tensors(raw, file.title)
        raw.unlink()
        adopt(meta_network(shape), tensors, shape.image_size, file.title)
        save_file(
            {name: each.contiguous() for name, each in tensors.items()}, folder / WEIGHTS_FILE
        )
        record = StartRecord(
            weights=file.key,
            title=file.title,
            digest=digest,
            channel_mean=file.channel_mean,
            channel_std=file.channel_std,
        )
        write_record(folder / START_RECORD_FILE, record)


def weights_file(key: str, described: Path, params: Path, depth: int) -> WeightsFile:
    """Return which file a recipe's `weights` mean at a depth.

    Args:
        key: `imagenet` or an entry of section `weights`.
        described: What the stage `recipe` wrote of that entry.
        params: The settings file, which says at what hosts the file is.
        depth: Of the network.

    Raises:
        UserError: If there is no such entry, or it has no file of that depth.
    """
    if key == IMAGENET:
        return imagenet_weights(depth)
    entry = load_section(described, "", WeightsSettings)
    hosts = load_section(params, f"weights.{key}", WeightsSettings).hosts
    network, digests = network_name(depth), entry.digests
    if network not in digests:
        raise UserError(f"{params}: weights.{key}.digests lacks {network}; it has {list(digests)}")
    return WeightsFile(
        key=key,
        title=entry.title,
        digest=digests[network] or UNKNOWN,
        channel_mean=entry.channel_mean,
        channel_std=entry.channel_std,
        addresses=tuple(host.replace("{network}", network) for host in hosts),
    )
