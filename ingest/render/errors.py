"""What can go wrong when a paper is rendered; it loads no typesetter."""

from archive.base.errors import KhoError


class RenderFailed(KhoError):
    """Typst refused a paper. Its diagnostics may quote the data, so they are never kept."""

    code = "render.failed"
