"""A `python` that starts at once, for the studies in tests: its packages are imported already.

A study starts a dozen stages, each of which would import torch for two seconds. First on the PATH
of its commands stands a `python` that hands arguments, environment, folder and streams to a server
here, which has imported what the stages and DVC import, and forks. The fork is a process of its
own; the code of the project it imports anew, from where the study has it.
"""

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import shlex
import shutil
import site
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST_REQUEST = 1 << 18  # Bytes.
# Run without the packages, which this needn't wait for. What was killed gives no status.
CLIENT = """
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
server.connect({socket!r})
request = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(server, [request], [0, 1, 2])
sys.exit(int(server.recv(16) or 137))
"""


@cache
def warm_python():
    """Start the server, which ends with this process; return the folder of its `python`."""
    # Not pytest's own: a socket's path has 108 characters at most.
    folder = Path(tempfile.mkdtemp(prefix="warm-"))
    path = folder / "socket"
    (folder / "client.py").write_text(CLIENT.format(socket=str(path)), encoding="utf-8")
    client = shlex.join([sys.executable, "-IS", str(folder / "client.py")])
    (folder / "python").write_text(f'#!/bin/sh\nexec {client} "$@"\n', encoding="utf-8")
    (folder / "python").chmod(0o755)
    # -P: git.py beside this file isn't the package of that name.
    command = [sys.executable, "-P", __file__, str(path)]
    # Without a path of the project, whose code is the study's own.
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    server = subprocess.Popen(command, env=own, **pipes)
    atexit.register(server.communicate)
    assert server.stdout.readline() == b"ready\n"
    return folder


def serve(path):
    """Run each request in a fork, until the process that started this one is gone."""
    import_packages()
    gc.collect()
    gc.freeze()  # Else the collector of each fork would copy all of this memory.
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(path)
    listener.listen()
    print("ready", flush=True)
    forks = set()
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        client, _ = listener.accept()
        if not (fork := os.fork()):
            listener.close()
            status = run(client)
            client.send(str(status).encode())
            os._exit(status)
        client.close()
        forks = {each for each in forks | {fork} if os.waitpid(each, os.WNOHANG) == (0, 0)}
    shutil.rmtree(Path(path).parent)


def import_packages():
    """Import all that stages and DVC import, and keep nothing of the project's own code."""
    sys.path.insert(0, str(ROOT / "src"))
    for stage in (ROOT / "stages").glob("*.py"):
        runpy.run_path(str(stage))
    for package in ("dvc.cli.parser", "dvc.repo"):
        importlib.import_module(package)
    for name in [name for name in sys.modules if name.split(".")[0] == "resnet_depth"]:
        del sys.modules[name]
    sys.path.pop(0)


def run(client):
    """Do in this process what a new Python would for the client; return the exit status."""
    message, streams, _, _ = socket.recv_fds(client, LONGEST_REQUEST, 3)
    arguments, folder, environment = json.loads(message)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    is_module = arguments[0] == "-m"
    sys.argv = arguments[is_module:]
    own = folder if is_module else str(Path(sys.argv[0]).resolve().parent)
    paths = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:0] = [own, *(str(Path(path).resolve()) for path in paths)]
    sys.modules.pop("sitecustomize", None)
    site.execsitecustomize()
    start = runpy.run_module if is_module else runpy.run_path
    status = 0
    try:
        start(sys.argv[0], run_name="__main__", **({"alter_sys": True} if is_module else {}))
    except SystemExit as end:
        status = end.code or 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    if isinstance(status, str):
        print(status, file=sys.stderr)
        status = 1
    # All of an interpreter's end but for taking the packages apart.
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return status


if __name__ == "__main__":
    serve(sys.argv[1])
