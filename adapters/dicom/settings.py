"""Settings of the step that edits DICOM instances."""

from collections.abc import Callable, Iterable
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StrictFloat, StrictInt, StrictStr, field_validator, model_validator

from adapters.dicom import paths, values
from adapters.dicom.edits import Edits
from adapters.dicom.originals import ORIGINAL_ATTRIBUTES
from gateway.contract.settings import Settings


def _is_plain(given: object) -> object:
    """Raise one error for a wrong type, instead of one for each type that is allowed."""
    several = given if isinstance(given, (list, tuple)) else [given]
    if not all(isinstance(each, (str, int, float)) and not isinstance(each, bool) for each in several):
        raise ValueError("is neither text nor a number nor a list of them; write dates, yes, no and the like in quotes")
    return given


Given = StrictStr | StrictInt | StrictFloat
Value = Annotated[Given | tuple[Given, ...], BeforeValidator(_is_plain)]
SOP_CLASS_UID, SOP_INSTANCE_UID = 0x00080016, 0x00080018
FILE_META = {SOP_CLASS_UID: 0x00020002, SOP_INSTANCE_UID: 0x00020003}
"""Elements of the File Meta Information that repeat an element of the data set (PS3.10 7.1)."""


class EditDicomSettings(Settings):
    """A step that sets and removes elements of DICOM instances, and passes on the pixel data unchanged."""

    kind: Literal["edit_dicom"]
    """Sets and removes elements. Every other element stays as it is, octet by octet."""
    set: dict[str, Value] = Field(default_factory=dict)
    """Paths of elements, each with its new text, number, or list of them; an empty text makes the element empty. An
    absent element is added, but no item: an element of items is set in the existing items. A path is a keyword
    (`PatientID`) or a tag (`(0010,0020)`, `00100020`), with the sequences that contain it before it:
    `RequestAttributesSequence[0].AccessionNumber` names the first item, `[*]` or no brackets every item."""
    remove: tuple[str, ...] = ()
    """Paths of elements that are removed; a sequence is removed with all its items. A private element can be named by
    its creator: `(0009,"CREATOR",10)`."""
    keep_private: bool = True
    """Whether private elements stay. `false` removes them at every depth, with their creators."""
    original_attributes: bool | None = None
    """Whether Original Attributes Sequence (0400,0561) gets an item with the former values of changed and removed
    elements. By default it does if the step only sets elements, because removed values are usually not to be kept."""

    @field_validator("set")
    @classmethod
    def _can_be_set(cls, given: dict[str, Value]) -> dict[str, Value]:
        _check_each(lambda path: _set(Edits(), path, given[path]), given)
        return given

    @field_validator("remove")
    @classmethod
    def _can_be_removed(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        _check_each(lambda path: _remove(Edits(), path), given)
        return given

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        edits = self.edits()
        if self.original_attributes and not self.keep_private:
            raise ValueError(
                "original_attributes: true would keep private elements in the former values of sequences, which "
                "keep_private: false removes; remove one of the two settings"
            )
        if self.keeps_originals and {ORIGINAL_ATTRIBUTES} & ({*edits.values} | edits.removed | {*edits.below}):
            raise ValueError(
                "OriginalAttributesSequence cannot be edited while former values are added to it; "
                "add `original_attributes: false`"
            )
        return self

    @property
    def keeps_originals(self) -> bool:
        """Whether former values are kept."""
        only_sets = self.keep_private and not self.remove
        return only_sets if self.original_attributes is None else self.original_attributes

    def edits(self) -> Edits:
        """Return the edits; raise ValueError if two paths contradict each other."""
        edits = Edits(keep_private=self.keep_private)
        for path in self.remove:
            _remove(edits, path)
        for path, value in self.set.items():
            _set(edits, path, value)
        for each in edits.all():
            each.keep_private = self.keep_private
        return edits

    def file_meta(self) -> dict[int, str]:
        """Return the new values of the File Meta Information, which repeats elements that are set in the data set."""
        tags = {paths.parse(path): str(value) for path, value in self.set.items()}
        return {FILE_META[names[0].tag]: tags[names] for names in tags if len(names) == 1 and names[0].tag in FILE_META}


def _check_each(check: Callable[[str], None], given: Iterable[str]) -> None:
    """Run *check* on every path, and raise one ValueError with all mistakes."""
    problems = []
    for path in given:
        try:
            check(path)
        except ValueError as problem:
            problems.append(str(problem))
    if problems:
        raise ValueError("; ".join(problems))


def _place(edits: Edits, path: str, names: tuple[paths.Name, ...]) -> Edits:
    """Return the edits of the data set, or of the items, that contain the element at the end of *names*."""
    for each in names[:-1]:
        if each.tag in edits.removed:
            raise ValueError(f"{path}: {paths.written(each.tag)} is removed whole; leave one of the two out")
        edits = edits.below.setdefault(each.tag, {}).setdefault(each.index, Edits())
    return edits


def _set(edits: Edits, path: str, value: Given | tuple[Given, ...]) -> None:
    names = paths.parse(path)
    tag = names[-1].tag
    if names[-1].is_private:
        raise ValueError(f"{path}: a private element cannot be set, because its value representation is not known")
    if len(names) == 1 and tag in FILE_META and value in {"", ()}:
        raise ValueError(f"{path}: an instance must have this UID; give a UID")
    place = _place(edits, path, names)
    if tag in place.values or tag in place.removed:
        raise ValueError(f"{path}: this element is named twice; leave one of the two out")
    place.values[tag] = values.new_value(path, tag, value)


def _remove(edits: Edits, path: str) -> None:
    names = paths.parse(path)
    last = names[-1]
    if len(names) == 1 and last.tag in FILE_META:
        raise ValueError(f"{path}: this UID identifies the instance; it can be set, not removed")
    place = _place(edits, path, names)
    if last.creator:
        place.removed_private.add((last.tag >> 16, last.creator, last.tag & 0xFF))
    elif last.tag in place.below:
        raise ValueError(f"{path}: this sequence is removed whole, and a path leads into it; leave one of the two out")
    else:
        place.removed.add(last.tag)
