"""How an entry point starts and fails, and the options that several share.

Imported first by every entry point, which leaves typer to it: outside the project's environment it
ends with one line that says what to do, where an import further down would give a traceback.
"""

# ruff: noqa: E402
# What tells of Ctrl-C has to be there before anything is imported that takes time.
import sys


def _tell_uncaught(
    kind: type[BaseException], error: BaseException, trace: "TracebackType | None"
) -> None:
    """Tell what the disk or the memory refused to the imports of an entry point.

    Nobody who pressed Ctrl-C wants to know what was being imported. A library may have turned that
    into an error of its own.
    """
    import os  # noqa: PLC0415
    import signal  # noqa: PLC0415

    from_what: BaseException | None = error
    while from_what:
        if isinstance(from_what, KeyboardInterrupt):
            # As Python itself ends then, which tells a shell that it was Ctrl-C.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        from_what = from_what.__cause__ or from_what.__context__
    if "fault_line" in globals():
        line = fault_line(error)
    else:  # What it needs was itself refused.
        refused = isinstance(error, OSError | MemoryError | ImportError)
        line = f"packages can't be imported: {str(error) or kind.__name__}" if refused else None
    if line:
        print(line, file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _tell_uncaught

import os
import re
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any

# Read by torch's OpenMP as it is loaded. By default its threads wait for each other by spinning for
# milliseconds: where other programs run too, a step then takes several times as long. So much costs
# nothing on an idle machine and lets them sleep soon on a busy one.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")

try:
    import typer

    from resnet_depth.base.errors import Interrupted, UserError
    from resnet_depth.base.faults import fault_line
    from resnet_depth.base.memory import require_room_for_imports
    from resnet_depth.base.messages import escaped, quoted, told
    from resnet_depth.base.unchanged import require_unchanged
except ModuleNotFoundError as missing:
    sys.exit(
        f"{sys.executable} has no package '{missing.name}': this isn't the project's environment. "
        "Type '. .venv/bin/activate' first ('make run' or 'make test' makes .venv)."
    )

require_room_for_imports()

# No path is longer.
LONGEST_WORD = 4096
LARGEST_SEED = 2**32 - 1


def option(name: str, help_text: str, least: int | None = None, most: int | None = None) -> Any:
    """Return an option such as `--data`, to use in `Annotated`; without default it is required."""
    return typer.Option(name, help=help_text, min=least, max=most)


def key(name: str, help_text: str) -> Any:
    """Return an option that takes a key of params.yaml, which names files and stages as well."""
    return typer.Option(name, help=help_text, callback=_require_key)


def _require_key(word: str | None) -> str | None:
    if word is None or re.fullmatch("[a-z0-9_]{1,64}", word):
        return word
    raise typer.BadParameter(f"{quoted(word)}; allowed: a-z, 0-9 and _, at most 64 of them")


ParamsFile = Annotated[Path, option("--params", "Settings file, such as params.yaml.")]
DatasetKey = Annotated[str, key("--dataset", "Key of the dataset under 'datasets'.")]
RecipeKey = Annotated[str, key("--recipe", "Key of the recipe under 'recipes'.")]
Depth = Annotated[int, option("--depth", "Depth of the network, such as 18.", 1, 1000)]
Seed = Annotated[int, option("--seed", "Seed of all randomness of the run.", 0, LARGEST_SEED)]
RawFolder = Annotated[Path, option("--raw", "Folder of the downloaded dataset.")]
DataFolder = Annotated[Path, option("--data", "Folder of the prepared dataset.")]
ModelFolder = Annotated[Path, option("--model", "Folder of the trained network.")]
PartialFile = Annotated[Path, option("--partial", "File that keeps an unfinished download.")]
CheckpointsFolder = Annotated[Path, option("--checkpoints", "Folder of all checkpoints.")]
LockFile = Annotated[Path, option("--lock", "DVC's record of finished runs, dvc.lock.")]
OutFile = Annotated[Path, option("--out", "File to write.")]
OutFolder = Annotated[Path, option("--out", "Folder to write.")]


def run(command: Callable[..., Any] | None = None, **commands: Callable[..., Any]) -> None:
    """Run a command line: parse its options, call it, and end the process.

    A user's mistake becomes its own line or lines on stderr and exit status 1, of an option one
    line and status 2, and so does what a disk or the memory refused; Ctrl-C ends with status 130.
    Any other exception keeps its traceback: it is a fault of the program.

    Args:
        command: A function whose parameters are annotated as typer expects; its docstring is
            the help text.
        commands: In place of it, such functions by the word that is typed before their options;
            the help text of all is the docstring of the module that defines them.
    """
    named = list(commands.items()) if command is None else [(None, command)]
    of_all = sys.modules[named[0][1].__module__].__doc__
    app = typer.Typer(help=of_all, add_completion=False, pretty_exceptions_enable=False)
    for name, function in named:
        app.command(name)(_ending_as_it_began(function))
    try:
        _require_one_line(sys.argv[1:])
        try:
            sys.exit(app(standalone_mode=False) or 0)
        finally:
            _flush_output()
    except Interrupted as stop:
        print(stop, file=sys.stderr)
        sys.exit(130)
    except typer.TyperException as mistake:
        # Its own form takes six lines.
        print(f"{told(mistake.format_message()).removesuffix('.')}; see --help", file=sys.stderr)
        sys.exit(mistake.exit_code)
    except Exception as error:
        line = fault_line(error) or (str(error) if isinstance(error, UserError) else None)
        if line is None:
            raise
        sys.exit(line)


def _ending_as_it_began(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command, which fails if settings or code were changed before its end."""

    @wraps(command)
    def checked(*options: Any, **named: Any) -> None:
        command(*options, **named)
        require_unchanged()

    return checked


def _require_one_line(words: Sequence[str]) -> None:
    """Refuse options that no message could name in one line."""
    for word in words:
        if escaped(word) != word:
            raise UserError(f"{quoted(word)}: options can't have line breaks or control characters")
        if len(word) > LONGEST_WORD:
            raise UserError(f"{quoted(word)}: options have at most {LONGEST_WORD:,} characters")


def _flush_output() -> None:
    """Write what was printed, while it can still be told that this isn't possible."""
    try:
        sys.stdout.flush()
    except OSError:
        # Python would try again at its end, and say so in its own words.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise
