"""Pictures and files: in the log, and beside a text that is being written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FileKind = Literal["image", "video", "audio", "pdf", "contact", "location", "file"]


@dataclass(frozen=True, kw_only=True, slots=True)
class FileItem:
    """One file of a text: `#file-<id>`.

    `url` is the whole file, `small_url` a small copy of a picture; both are empty while it is `waiting` or `failed`.
    `words` says what it is and how big ("PDF, 214 KB"), `why` why it is not here, and `retry_url` asks for it again.
    `map_url` is where a place is shown.
    """

    id: int
    kind: FileKind
    state: Literal["waiting", "ready", "failed"]
    name: str
    label: str
    icon: str
    words: str = ""
    url: str = ""
    small_url: str = ""
    width: int = 0
    height: int = 0
    why: str = ""
    map_url: str = ""
    retry_url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AttachedFile:
    """A file beside a text that is being written.

    `words` says how it leaves ("JPEG, 412 KB, was 3.1 MB"); `link` is set when a link is sent instead, and `why` says
    why.
    """

    file: FileItem
    words: str
    link: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attached:
    """All of them: `#composer-files`. `links` is what is added to the text, one a line; `words` sums up the rest."""

    files: tuple[AttachedFile, ...] = ()
    links: str = ""
    words: str = ""

    @property
    def ids(self) -> str:
        """As the form sends them."""
        return ",".join(str(one.file.id) for one in self.files)

    @property
    def media(self) -> int:
        """How many go as pictures or files, not as links."""
        return sum(1 for one in self.files if not one.link)
