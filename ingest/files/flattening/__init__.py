"""A PDF as plain pages: what its fields, annotations and layers show becomes content of the page.

Converters drop fields, and draw what a reader hides. So a file is flattened before it is converted.
`flatten.py` is the way, `flat.py` its result; `looks.py` gives each annotation one appearance;
`field_looks.py` and `markup_looks.py` draw what has no appearance, `typed_text.py` its words;
`geometry.py` knows how a page is turned. Beside this folder, `layers.py` and `annotations.py` say
what a reader sees. Everything here runs in a child process.
"""
