"""Check what no other tool knows of this repository: texts, icons, blueprints, and what must never be committed.

Prints one line for each fault, and ends with 1 if there is any.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
import json
from pathlib import Path
import re
import subprocess
import sys
from typing import Any

from homeassistant.util.yaml import load_yaml_dict

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "custom_components" / "homecare_h2o"
PLATFORMS = ("binary_sensor", "button", "event", "sensor", "switch")

PLACEHOLDER = re.compile(r"\{(\w+)\}")
TRANSLATION_KEY = re.compile(r'translation_key(?:: [\w\[\]]+)?\s*=\s*"(\w+)"')
OWN_FOLDER = re.compile(r"(?<![\w.~/-])/(?:root|work)(?![\w-])")
URL = re.compile(r"https?://|index-url|find-links")
PHONE = re.compile(
    r"(?<![\w.-])(?:(?:\+|00)46[ -]?\(?0?\)?[ -]?|0)(?:7\d[ -]?\d{3}(?:[ -]?\d\d){2}|\d{1,3}-\d{2,3}(?:[ ]?\d\d){1,2})(?!\w|-\d)"
)
FICTION = range(701740605, 701740700)
"""The Swedish series for invented people: 070-174 06 05 … 99."""

REGISTRIES = (
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("deb", "debian", "org"),
    ("ftp", "debian", "org"),
    ("archive", "ubuntu", "com"),
    ("ports", "ubuntu", "com"),
    ("ghcr", "io"),
    ("docker", "io"),
    ("crates", "io"),
)
"""Kept in parts, so that this file does not name them either."""

type Texts = dict[str, str]


def flatten(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Return every text of a translation by its dotted path."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from flatten(value, f"{path}.{key}" if path else key)
    else:
        yield path, str(node)


def read_texts(language: str) -> Texts:
    """Return the texts of a language."""
    return dict(flatten(read_json(HOME / "translations" / f"{language}.json")))


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON object."""
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result


def read_yaml(name: str) -> dict[str, Any]:
    """Return a YAML file of the integration."""
    return load_yaml_dict(str(HOME / name))


# --- texts and icons ------------------------------------------------------------------------------


def check_translations() -> Iterator[str]:
    """Find texts that only one language has, that are empty, or whose placeholders differ."""
    english, swedish = read_texts("en"), read_texts("sv")
    for key in sorted(english.keys() ^ swedish.keys()):
        yield f"translations: {key} is missing in {'sv' if key in english else 'en'}"
    for language, texts in (("en", english), ("sv", swedish)):
        yield from (f"translations/{language}: {key} is empty" for key, text in texts.items() if not text.strip())
        yield from (
            f"translations/{language}: {key} has an address in it" for key, text in texts.items() if "://" in text
        )
    for key in sorted(english.keys() & swedish.keys()):
        found = [set(PLACEHOLDER.findall(texts[key])) for texts in (english, swedish)]
        if found[0] != found[1]:
            yield f"translations: {key} has different placeholders"


def check_keys() -> Iterator[str]:
    """Find translation keys in the code that have no text."""
    known = {part for key in read_texts("en") for part in key.split(".")}
    for path in sorted(HOME.rglob("*.py")):
        for key in TRANSLATION_KEY.findall(path.read_text(encoding="utf-8")):
            if key not in known:
                yield f"{path.relative_to(ROOT)}: translation key {key} has no text"


def check_described(what: str, icon: str) -> Iterator[str]:
    """Find services or triggers without an icon, or without a text for themselves, a field or a choice."""
    texts, icons = read_texts("en"), read_json(HOME / "icons.json")
    for name, described in read_yaml(f"{what}.yaml").items():
        keys = [f"{what}.{name}.name", f"{what}.{name}.description"]
        for field, facts in (described.get("fields") or {}).items():
            keys += [f"{what}.{name}.fields.{field}.{part}" for part in ("name", "description")]
            keys += find_choices(facts.get("selector") or {})
        yield from (f"{what}.yaml: {key} has no text" for key in keys if key not in texts)
        if icon not in icons.get(what, {}).get(name, {}):
            yield f"icons.json: {what}.{name} has no icon"
    for name in icons.get(what, {}).keys() - read_yaml(f"{what}.yaml").keys():
        yield f"icons.json: there is no {what}.{name}"


def find_choices(selector: Mapping[str, Any]) -> list[str]:
    """Return the keys of the texts of what can be chosen."""
    select = selector.get("select") or {}
    if not (key := select.get("translation_key")):
        return []
    return [f"selector.{key}.options.{option}" for option in select["options"]]


def check_entities() -> Iterator[str]:
    """Find entities without a name or an icon."""
    texts, icons = read_texts("en"), read_json(HOME / "icons.json")["entity"]
    for platform in PLATFORMS:
        keys = TRANSLATION_KEY.findall((HOME / f"{platform}.py").read_text(encoding="utf-8"))
        if not keys:
            yield f"{platform}.py: no entity has a translation key"
        for key in keys:
            if f"entity.{platform}.{key}.name" not in texts:
                yield f"translations: entity.{platform}.{key}.name is missing"
            if "default" not in icons.get(platform, {}).get(key, {}):
                yield f"icons.json: entity.{platform}.{key} has no icon"


def check_manifest() -> Iterator[str]:
    """Hold the manifest to the order that hassfest wants: domain, name, then by the alphabet."""
    keys = list(read_json(HOME / "manifest.json"))
    if keys != (wanted := ["domain", "name", *sorted(set(keys) - {"domain", "name"})]):
        yield f"manifest.json: the keys must be in this order: {', '.join(wanted)}"


def check_quality_scale() -> Iterator[str]:
    """Find a promise in the manifest that the rules of the quality scale do not keep."""
    rules = read_yaml("quality_scale.yaml")["rules"]
    todo = sorted(name for name, rule in rules.items() if (rule if isinstance(rule, str) else rule["status"]) == "todo")
    promised = read_json(HOME / "manifest.json").get("quality_scale")
    if promised == "platinum" and todo:
        yield f"manifest.json: promises {promised}, and these rules are to be done: {', '.join(todo)}"


def check_blueprints() -> Iterator[str]:
    """Hold the blueprints that people find in the repository to those that the integration installs."""
    shown, bundled = (
        {path.name: path.read_bytes() for path in folder.glob("*.yaml")}
        for folder in (ROOT / "blueprints" / "automation" / "homecare_h2o", HOME / "bundled_blueprints")
    )
    for name in sorted(shown.keys() | bundled.keys()):
        if shown.get(name) != bundled.get(name):
            yield f"blueprints: {name} differs from the bundled one"


# --- what must not be committed ----------------------------------------------------------------------


def find_files() -> Iterator[tuple[str, str]]:
    """Return name and text of every file that is committed, or would be."""
    listed = subprocess.run(
        ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        cwd=ROOT,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    for name in sorted(set(filter(None, listed.stdout.split("\0")))):
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            try:
                yield name, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def find_phones(text: str) -> Iterator[str]:
    """Return telephone numbers that could be somebody's."""
    for match in PHONE.finditer(text):
        digits = re.sub(r"\D", "", match[0].replace("(0)", ""))
        if int(digits.removeprefix("00").removeprefix("46")) not in FICTION:
            yield match[0]


def check_files() -> Iterator[str]:
    """Find registries, folders of one machine, and telephone numbers that could be somebody's."""
    hosts = [".".join(parts) for parts in REGISTRIES]
    for name, text in find_files():
        yield from (f"{name}: names a package registry" for host in hosts if host in text)
        if name == "requirements.lock":
            if URL.search(text):
                yield f"{name}: names where packages come from"
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if found := OWN_FOLDER.search(line):
                yield f"{name}:{number}: a path of one machine: {found[0]}"
            yield from (f"{name}:{number}: a telephone number: {phone}" for phone in find_phones(line))


CHECKS: tuple[Callable[[], Iterable[str]], ...] = (
    check_translations,
    check_keys,
    lambda: check_described("services", "service"),
    lambda: check_described("triggers", "trigger"),
    check_entities,
    check_manifest,
    check_quality_scale,
    check_blueprints,
    check_files,
)


def main() -> int:
    """Run every check."""
    faults = [fault for check in CHECKS for fault in check()]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
