"""Network pickles: one mutated, calls of what pickles are misused for, and random programs."""

from __future__ import annotations

import pickle
import struct
from pathlib import Path
from random import Random

from photodrag.checkpoints.convert.pickles import read_pickle

from .children import Case
from .mutating import mutated

ROOT = Path(__file__).resolve().parents[2]
_SEEDS: list[bytes] = []
_CANARY = "canary"
# What lists of dangerous globals name (picklescan, fickling), and what the reader itself knows.
_CALLS = """
os.system posix.system os.popen os.execv os.remove os.putenv subprocess.Popen subprocess.run
subprocess.check_output builtins.eval builtins.exec builtins.compile builtins.open builtins.getattr
builtins.setattr builtins.__import__ builtins.print builtins.map __builtin__.eval runpy.run_path
importlib.import_module pty.spawn shutil.rmtree shutil.copyfile socket.create_connection
urllib.request.urlopen webbrowser.open pickle.loads marshal.loads types.CodeType operator.attrgetter
operator.methodcaller functools.partial torch.load torch.hub.load numpy.load numpy.fromfile
torch.storage._load_from_bytes.__globals__ numpy.testing._private.utils.runstring codecs.encode
_codecs.encode copyreg._reconstructor collections.OrderedDict collections.OrderedDict.__class__
dnnlib.util.EasyDict builtins.set torch_utils.persistence._reconstruct_persistent_obj
torch.storage._load_from_bytes torch._utils._rebuild_tensor_v2 torch._utils._rebuild_parameter
dnnlib.tflib.network.Network numpy.dtype numpy.ndarray numpy.core.multiarray._reconstruct
numpy.core.multiarray.scalar numpy.core.numeric._frombuffer code.interact timeit.timeit cProfile.run
asyncio.run ctypes.CDLL logging.config.listen smtplib.SMTP sys.exit os.kill os._exit
""".split()  # noqa: SIM905 - a table


def prepare(_folder: Path) -> None:
    """Read the network that is mutated."""
    if not _SEEDS:
        _SEEDS.append((ROOT / "tests/checkpoints/data/tiny32_cond.pkl").read_bytes())


def make(random: Random) -> Case:
    """One of the three kinds."""
    how = random.random()
    if how < 0.3:
        return Case(mutated(_SEEDS[0], random), ".pkl")
    data = _call(random) if how < 0.6 else _program(random)
    return Case(b"\x80" + bytes([random.randrange(6)]) + data, ".pkl")


def run(file: Path, folder: Path) -> None:
    """Read it; a canary is a file that only its code could have written."""
    try:
        read_pickle(file)
    finally:
        found = [path for path in (folder / _CANARY, file.with_name(_CANARY)) if path.exists()]
        assert not found, "the canary is there"


def _call(random: Random) -> bytes:
    module, _, name = random.choice(_CALLS).rpartition(".")
    text = random.choice((f"touch {_CANARY}", f"open({_CANARY!r}, 'w')", _CANARY))
    arguments = _text(text) + b"\x85"
    if random.random() < 0.5:
        named = f"c{module}\n{name}\n".encode()
    else:
        named = _text(module) + _text(name) + b"\x93"
    forms = (
        named + arguments + b"R",
        named + arguments + b"\x81",
        named + arguments + b"}\x92",
        b"(" + _text(text) + f"i{module}\n{name}\n".encode(),
        b"(" + named + _text(text) + b"o",
        named + b"}" + _text("__setstate__") + named + b"sb",
        named + b")R}" + _text("__dict__") + named + b"sb",
        _text(text) + b"Q",
        b"\x82" + bytes([random.randrange(1, 256)]),
    )
    code = random.choice(forms)
    return random.choice((code + b".", b"}" + _text("G_ema") + code + b"s."))


def _program(random: Random) -> bytes:
    """Opcodes in no order, most of which the reader knows, with repeats and huge lengths."""
    parts = []
    for _ in range(random.randrange(1, 60)):
        part = random.choice(_PARTS)
        if random.random() < 0.1:
            part = part * random.choice((2, 100, 20_000))
        parts.append(part)
        if random.random() < 0.05:
            parts.append(random.choice((b"\x96", b"\x8e", b"\x8d")) + struct.pack("<Q", 2**33))
    return b"".join(parts)[: 2**20 - 100] + b"."


def _text(text: str) -> bytes:
    data = text.encode()
    return pickle.BINUNICODE + struct.pack("<I", len(data)) + data


_PARTS = (
    *(b"(", b")", b"]", b"}", b"\x8f", b"N", b"\x88", b"K\x05", b"t", b"l", b"d", b"u", b"s", b"a"),
    *(b"e", b"\x85", b"\x86", b"\x87", b"\x90", b"\x91", b"0", b"1", b"2", b"\x94", b"h\x00"),
    *(b"h\x01", b"q\x00", b"q\x01", b"R", b"\x81", b"b", b"ccollections\nOrderedDict\n"),
    *(
        b"c_codecs\nencode\n",
        b"cdnnlib.tflib.network\nNetwork\n",
        b"ctorch._utils\n_rebuild_tensor\n",
    ),
    *(
        b"cnumpy\ndtype\n",
        b"cnumpy.core.multiarray\n_reconstruct\n",
        _text("G_ema"),
        _text("latin1"),
    ),
    *(b"ctorch_utils.persistence\n_reconstruct_persistent_obj\n", b"\x8a\x08" + b"\xff" * 8),
)
