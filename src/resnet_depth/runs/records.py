"""The base of all records that stages leave in JSON."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Base of all records: frozen, with numbers that are finite."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)
