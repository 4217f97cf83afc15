"""Section `latency`: where and how the time of an inference is measured."""

from resnet_depth.base.sections import Device, Threads
from resnet_depth.deployment.settings import TimingSettings


class LatencySettings(TimingSettings):
    """Where inference is timed, how often, and which of the sessions count."""

    device: Device
    threads: Threads
