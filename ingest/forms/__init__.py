"""The form catalogue: one folder a form (`form.yaml`, and `layout.typ` where the form needs its
own).
"""
