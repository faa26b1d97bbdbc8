"""The programs that names are measured beside: out of Debian's packages into a folder, not installed; what cannot be had is told."""

import os
import pathlib
import shutil
import subprocess

from Lab.programs import REPOSITORY

HERE = pathlib.Path(__file__).parent / "Names"
PACKAGES = {
    "icu": ["libicu-dev", "libicu72"],
    "utf8proc": ["libutf8proc-dev", "libutf8proc2"],
    "convmv": ["convmv"],
    "fuse-convmvfs": ["fuse-convmvfs", "libfuse2"],
}
LIBRARIES = {"icu": ["-licuuc", "-licudata"], "utf8proc": ["-lutf8proc"]}


def run(*command: object, timeout: int = 600, **more) -> str:
    """What it printed; its complaint where it failed."""
    words = [os.fspath(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=timeout, **more)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: status {done.returncode}: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout


class Peers:
    """By name the command of each that is there; `missing` says why another is not, `versions` what was measured."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.root = folder / "root"
        self.commands: dict[str, list[str]] = {}
        self.missing: dict[str, str] = {}
        self.versions: dict[str, str] = {}

    def prepare(self) -> None:
        for name, packages in PACKAGES.items():
            try:
                self._unpack(packages)
                self.commands[name] = self._made(name)
            except (RuntimeError, subprocess.TimeoutExpired, OSError) as error:
                self.missing[name] = str(error)
        self.commands["perl"] = ["perl", os.fspath(HERE / "Peers/convmv.pl")]
        if not shutil.which("perl"):
            del self.commands["perl"]
            self.missing["perl"] = "no perl on the PATH"

    def _unpack(self, packages: list[str]) -> None:
        debs = self.folder / "debs"
        debs.mkdir(exist_ok=True)
        # As root: apt's own user may not write here.
        run("apt-get", "download", "--quiet", "-o", "APT::Sandbox::User=root", *packages, cwd=debs, timeout=120)
        for package in packages:
            deb = next(debs.glob(f"{package}_*.deb"))
            run("dpkg-deb", "--extract", deb, self.root)
            self.versions[package] = run("dpkg-deb", "--field", deb, "Version").strip()

    def _libraries(self) -> list[pathlib.Path]:
        return sorted({path.parent for path in self.root.rglob("*.so*")})

    def _made(self, name: str) -> list[str]:
        if name == "convmv":
            return ["perl", os.fspath(self.root / "usr/bin/convmv")]
        if name == "fuse-convmvfs":
            paths = ":".join(map(os.fspath, self._libraries()))
            return ["env", f"LD_LIBRARY_PATH={paths}", os.fspath(self.root / "usr/bin/convmvfs")]
        return [self._compiled(name)]

    def _compiled(self, name: str) -> str:
        count = HERE / "Sources/CAllocationCount"
        headers = [f"-I{count / 'include'}", f"-I{self.root / 'usr/include'}"]
        counting, program = self.folder / "allocation_count.o", self.folder / name
        run("gcc", "-O2", *headers, "-c", count / "allocation_count.c", "-o", counting)
        source = next((HERE / "Peers").glob(f"{name}.c*"))
        folders = [word for folder in self._libraries() for word in (f"-L{folder}", f"-Wl,-rpath,{folder}")]
        run("g++" if source.suffix == ".cpp" else "gcc", "-O2", *headers, source, counting, "-o", program, *folders, *LIBRARIES[name])
        return os.fspath(program)


def ours() -> list[str]:
    """FileNames with a stopwatch, built where later runs find it again."""
    products = REPOSITORY / ".build/names-speed"
    run("swift", "build", "--package-path", HERE, "--scratch-path", products, "--configuration", "release", timeout=1800)
    return [os.fspath(products / "release/NamesSpeed")]
