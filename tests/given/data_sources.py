"""Small datasets in the real formats, and a web server on the loopback interface."""

import io
import pickle
import re
import struct
import tarfile
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import BuiltinFunctionType, FunctionType
from typing import ClassVar

import numpy as np
from PIL import Image

from resnet_depth.data.download.settings import DatasetSettings
from resnet_depth.data.preparation.settings import PrepareSettings

CLASSES = [
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
]
BATCHES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]


def dataset(kind, **changes):
    values = {
        "kind": kind,
        "title": "A title",
        "digest": f"sha256:{'0' * 64}",
        "lossy": False,
        "source": "a source",
        "citation": "a citation",
        "epochs_factor": 1,
        "hosts": ["http://127.0.0.1:9/never.tar.gz"] if kind == "cifar10" else [],
    }
    return DatasetSettings.model_validate(values | changes)


def split(**changes):
    values = {"image_size": 32, "validation_fraction": 0.1, "test_fraction": 0.2, "seed": 0}
    return PrepareSettings.model_validate(values | changes)


class Python2Pickler(pickle._Pickler):
    """Writes what Python 2 with NumPy 1 wrote, as in the official archive: str is bytes."""

    dispatch: ClassVar = dict(pickle._Pickler.dispatch)

    def save_bytes(self, value):
        short = len(value) < 256
        head = pickle.SHORT_BINSTRING + bytes([len(value)]) if short else b""
        self.write((head or pickle.BINSTRING + struct.pack("<i", len(value))) + value)
        self.memoize(value)

    dispatch[bytes] = save_bytes

    def save_str(self, value):
        self.save_bytes(value.encode())

    dispatch[str] = save_str

    def save_global(self, value, _=None):
        module = value.__module__.replace("numpy._core", "numpy.core")
        self.write(pickle.GLOBAL + f"{module}\n{value.__name__}\n".encode())
        self.memoize(value)

    dispatch |= dict.fromkeys((type, FunctionType, BuiltinFunctionType), save_global)


def python2_pickle(content):
    file = io.BytesIO()
    Python2Pickler(file, protocol=2).dump(content)
    return file.getvalue()


def cifar_contents(images_a_batch=20, seed=0):
    """The official archive's members before pickling; every class occurs in every batch."""
    rng = np.random.default_rng(seed)
    contents = {
        "batches.meta": {
            b"num_cases_per_batch": images_a_batch,
            b"label_names": [name.encode() for name in CLASSES],
            b"num_vis": 3072,
        }
    }
    for name in BATCHES:
        labels = rng.permutation(np.arange(images_a_batch) % 10).tolist()
        contents[name] = {
            b"batch_label": name.encode(),
            b"labels": labels,
            b"data": rng.integers(0, 256, (images_a_batch, 3072), dtype=np.uint8),
            b"filenames": [f"{CLASSES[label]}_s_{i:06}.png".encode() for i, label in
                           enumerate(labels)],
        }  # fmt: skip
    return contents


def cifar_archive(path, contents=None, pickled=python2_pickle):
    """Write an archive laid out as the official one; values that are bytes are taken as pickles."""
    with tarfile.open(path, "w:gz") as tar:
        folder = tarfile.TarInfo("cifar-10-batches-py")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for name, content in (contents or cifar_contents()).items():
            add(
                tar,
                f"cifar-10-batches-py/{name}",
                content if isinstance(content, bytes) else pickled(content),
            )
        add(tar, "cifar-10-batches-py/readme.html", b"<html></html>")
    return path


def add(tar, name, content=b"", **attributes):
    member = tarfile.TarInfo(name)
    member.size = len(content)
    for attribute, value in attributes.items():
        setattr(member, attribute, value)
    tar.addfile(member, io.BytesIO(content))


def image_bytes(image, form="PNG"):
    """An image file; the image is an array or one of Pillow's."""
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def image_files(classes=("cat", "dog"), train=6, test=2, size=32, seed=0):
    """Path and bytes of a small image folder's files."""
    rng = np.random.default_rng(seed)
    return {
        f"{part}/{name}/{index:04}.png": image_bytes(
            rng.integers(0, 256, (size, size, 3), dtype=np.uint8)
        )
        for part, count in (("train", train), ("test", test))
        for name in classes
        for index in range(count)
    }


def write_folder(root, files):
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def write_archive(path, files, mode="w"):
    with tarfile.open(path, mode) as tar:
        for name, content in files.items():
            add(tar, name, content, mtime=1_700_000_000, uname="somebody")
    return path


class Host:
    """What the server does: its `content`, and the faults it is told to have."""

    def __init__(self, content=b""):
        self.content = content
        self.requests = []
        self.break_after = []  # one count of bytes a request, after which it hangs up
        self.stall_after = None
        self.status = None
        self.resumes = True
        self.location = None
        self.headers = {}
        self.content_range = None
        self.sends_length = True
        self.address = ""


def _handler(host):
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            wanted = self.headers.get("Range")
            host.requests.append(wanted)
            if host.location or host.status:
                self.send_response(302 if host.location else host.status)
                self.send_header("Location", host.location or "")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted and host.resumes else 0
            if start and start >= len(host.content):
                self.send_response(416)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_body(start)

        def send_body(self, start):
            body = host.content[start:]
            self.send_response(206 if start else 200)
            if start:
                whole = len(host.content)
                honest = f"bytes {start}-{whole - 1}/{whole}"
                self.send_header("Content-Range", host.content_range or honest)
            if host.sends_length:
                self.send_header("Content-Length", str(len(body)))
            for name, value in host.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if host.break_after:
                self.wfile.write(body[: host.break_after.pop(0)])
            elif host.stall_after is not None:
                self.wfile.write(body[: host.stall_after])
                self.wfile.flush()
                time.sleep(1.0)
            else:
                self.wfile.write(body)

    return Handler


@contextmanager
def serving(host):
    """Run a host on 127.0.0.1 in a thread; its `address` is set."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(host))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    host.address = f"http://127.0.0.1:{server.server_port}/cifar-10-python.tar.gz"
    try:
        yield host
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
