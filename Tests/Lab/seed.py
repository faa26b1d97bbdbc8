"""The NoCloud seed: the small disk from which cloud-init in the guest learns what to do at its first boot."""

import json
import pathlib
import subprocess

ATTACH = ["shareagent", "attach", "--wait", "60s"]


def write(path: pathlib.Path, runcmd: list, instance: str = "lab-guest", files: dict[str, str] | None = None) -> pathlib.Path:
    """Every JSON document is a YAML one, so no YAML writer is needed."""
    user_data: dict = {"runcmd": runcmd}
    if files:
        user_data["write_files"] = [{"path": name, "content": text, "permissions": "0644"} for name, text in files.items()]
    folder = path.with_suffix(".d")
    folder.mkdir()
    (folder / "meta-data").write_text(json.dumps({"instance-id": instance, "local-hostname": "guest"}) + "\n")
    (folder / "user-data").write_text("#cloud-config\n" + json.dumps(user_data, indent=1) + "\n")
    # cloud-init knows its seed by the label.
    subprocess.run(["genisoimage", "-quiet", "-output", path, "-volid", "cidata", "-joliet", "-rock", folder], check=True)
    return path
