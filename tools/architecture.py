"""A contract type for import-linter: packages meet only at their published modules.

import-linter can protect modules that it is told by name; this rule holds for packages that do not
exist yet, so that a new one is bound by it from its first file.
"""

from collections.abc import Iterator
from typing import Any

import grimp
from importlinter import Contract, ContractCheck, fields, output

Offence = tuple[str, str, list[int]]


class MeetByServiceContract(Contract):
    """Whoever imports from a package below ``root`` takes one of its published modules.

    Configuration options:
        - root: the package whose direct children are kept apart.
        - importers: packages whose imports are looked at.
        - published: names of the modules that others may import.
        - libraries: children of ``root`` in which everything is published.
        - allowed: imports (``importer -> imported``, both with all that is below them) that have
          a reason of their own. One that nobody uses any more breaks the contract.
    """

    type_name = "meet_by_service"

    root = fields.StringField()
    importers = fields.ListField(subfield=fields.StringField())
    published = fields.SetField(subfield=fields.StringField())
    libraries = fields.SetField(subfield=fields.StringField(), required=False)
    allowed = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        """Find every import that goes deeper than it may."""
        exceptions = [_pair(text) for text in _values(self.allowed)]
        used: set[tuple[str, str]] = set()
        offences: list[Offence] = []
        for importer, imported in self._deep_imports(graph):
            excuse = next(
                (e for e in exceptions if _below(importer, e[0]) and _below(imported, e[1])), None
            )
            if excuse is not None:
                used.add(excuse)
                continue
            details = graph.get_import_details(importer=importer, imported=imported)
            offences.append((importer, imported, [one["line_number"] for one in details]))
        unused = [f"{a} -> {b}" for a, b in exceptions if (a, b) not in used]
        return ContractCheck(
            kept=not offences and not unused, metadata={"offences": offences, "unused": unused}
        )

    def _deep_imports(self, graph: grimp.ImportGraph) -> Iterator[tuple[str, str]]:
        for start in _values(self.importers):
            for importer in sorted({start, *graph.find_descendants(start)}):
                for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                    if self._is_deep(importer, imported):
                        yield importer, imported

    def _is_deep(self, importer: str, imported: str) -> bool:
        root: Any = self.root
        if not _below(imported, root) or imported == root:
            return False
        package, _, module = imported.removeprefix(f"{root}.").partition(".")
        if _below(importer, f"{root}.{package}"):
            return False
        if not module or package in _values(self.libraries):
            return False
        return module not in _values(self.published)

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import that went too deep, with its lines."""
        for importer, imported, lines in check.metadata["offences"]:
            where = ", ".join(f"l.{line}" for line in lines)
            output.print_error(f"{importer} -> {imported} ({where})")
        for text in check.metadata["unused"]:
            output.print_error(f"allowed, but not used any more: {text}")


def _values(option: Any) -> list[str]:
    """The value of a field, which import-linter's types say is the field itself."""
    return sorted(option or ())


def _below(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _pair(text: str) -> tuple[str, str]:
    importer, _, imported = text.partition("->")
    return importer.strip(), imported.strip()
