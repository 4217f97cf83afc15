"""The settings of params.yaml: one module a section, each a frozen pydantic model."""
